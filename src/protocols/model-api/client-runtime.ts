/** The part of a client that is the same for all models. A test compiles it, and runs it against a server. */
export const clientRuntime = String.raw`
export type ModelName = keyof Models;

/** Values in row-major order. BOOL is 0 and 1, FP16 and BF16 are their bits. */
export interface Tensor<Data> {
  readonly shape: readonly number[];
  readonly data: Data;
}

export interface ClientOptions {
  /** A key or token of the server. */
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a request is sent again that the server asks to send later. Default: 2. */
  readonly retries?: number;
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Default: the latest that serves. */
  readonly version?: number;
  /** Instead of a version; of the model's settings. */
  readonly label?: string;
  readonly signal?: AbortSignal;
  /** The server drops the request then, and so does the client. */
  readonly timeoutMs?: number;
  /** 1 is the highest. */
  readonly priority?: number;
  readonly requestId?: string;
  /** What a task is asked for. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** The server's answer was a failure; the message is the server's own. */
export class SlipwayError extends Error {
  override readonly name = 'SlipwayError';

  constructor(
    message: string,
    readonly status: number,
    readonly requestId: string | undefined,
    /** Where the server says when to come again. */
    readonly retryAfterMs: number | undefined,
  ) {
    super(message);
  }
}

export class Slipway {
  readonly #url: string;
  readonly #options: ClientOptions;

  constructor(url: string, options: ClientOptions = {}) {
    this.#url = url.replace(/\/+$/, '');
    this.#options = options;
  }

  /** Rows, each answered as if it were asked alone. */
  async predict<Name extends ModelName>(
    model: Name,
    rows: readonly Models[Name]['row'][],
    options: CallOptions = {},
  ): Promise<readonly Models[Name]['prediction'][]> {
    const { predictions } = await this.#json(model, { instances: rows }, options);
    const { floats, isSole } = facts[model];
    const read = (row: unknown): unknown => (isSole ? numbers(row, floats.length > 0) : named(row, floats));
    return (predictions as unknown[]).map(read) as Models[Name]['prediction'][];
  }

  /** Whole tensors: one question, whatever its rows do to each other. */
  async predictWhole<Name extends ModelName>(
    model: Name,
    inputs: Models[Name]['inputs'],
    options: CallOptions = {},
  ): Promise<Models[Name]['outputs']> {
    const { outputs } = await this.#json(model, { inputs }, options);
    const { floats, isSole } = facts[model];
    return (isSole ? numbers(outputs, floats.length > 0) : named(outputs, floats)) as Models[Name]['outputs'];
  }

  /** Whole tensors as bytes, both ways: for large ones. */
  async infer<Name extends ModelName>(
    model: Name,
    inputs: Models[Name]['tensorInputs'],
    { parameters = {}, ...options }: Omit<CallOptions, 'label'> = {},
  ): Promise<Models[Name]['tensorOutputs']> {
    const given = Object.entries(inputs as Readonly<Record<string, Tensor<Data> | undefined>>);
    const parts: Uint8Array[] = [];
    const described = given.flatMap(([name, tensor]) => {
      if (tensor === undefined) return [];
      const bytes = bytesOf(tensor.data);
      parts.push(bytes);
      const datatype = facts[model].types[name] ?? '';
      return [{ name, datatype, shape: tensor.shape, parameters: { binary_data_size: bytes.length } }];
    });
    const head = text(JSON.stringify({ inputs: described, parameters: { ...parameters, binary_data_output: true } }));
    const response = await this.#send(place('v2', model, options, 'infer'), joined([head, ...parts]), options, {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    });
    return tensorsOf(response, await response.arrayBuffer()) as Models[Name]['tensorOutputs'];
  }

  async #json(model: string, body: object, options: CallOptions): Promise<Record<string, unknown>> {
    const { parameters } = options;
    const sent = JSON.stringify(parameters === undefined ? body : { ...body, parameters }, words);
    const path = place('v1', model, options, 'predict') + '?non_finite=string';
    const response = await this.#send(path, sent, options, { 'content-type': 'application/json' });
    return (await response.json()) as Record<string, unknown>;
  }

  /** Resolves with a good response. Sends again where the server says when. */
  async #send(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    { signal: given, timeoutMs, priority, requestId }: CallOptions,
    typed: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const { apiKey, headers: always = {}, retries = 2, fetch: send = fetch } = this.#options;
    const limits = [given, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)];
    const signal = AbortSignal.any(limits.filter((limit) => limit !== undefined));
    const headers: Record<string, string> = { ...always, ...typed };
    if (apiKey !== undefined) headers['authorization'] = 'Bearer ' + apiKey;
    if (timeoutMs !== undefined) headers['x-request-timeout-ms'] = String(timeoutMs);
    if (priority !== undefined) headers['x-request-priority'] = String(priority);
    if (requestId !== undefined) headers['x-request-id'] = requestId;
    for (let left = retries; ; left--) {
      const response = await send(this.#url + path, { method: 'POST', headers, body, signal });
      if (response.ok) return response;
      const error = await errorOf(response);
      if (error.retryAfterMs === undefined || left <= 0) throw error;
      await elapsed(error.retryAfterMs, signal);
    }
  }
}

interface ModelFacts {
  /** Of the inputs. */
  readonly types: Readonly<Record<string, string>>;
  /** Outputs that are floats. */
  readonly floats: readonly string[];
  /** Whether there is one output, which then has no name in a response. */
  readonly isSole: boolean;
}

type Data = readonly string[] | ArrayBufferView;

function place(protocol: 'v1' | 'v2', model: string, { version, label }: CallOptions, verb: string): string {
  const chosen = version !== undefined ? '/versions/' + version : label !== undefined ? '/labels/' + encodeURIComponent(label) : '';
  return '/' + protocol + '/models/' + encodeURIComponent(model) + chosen + '/' + verb;
}

/** What JSON has no number for is sent, and comes, as a word. */
const words = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

const spelled = new Map([['NaN', Number.NaN], ['Infinity', Number.POSITIVE_INFINITY], ['-Infinity', Number.NEGATIVE_INFINITY]]);

function numbers(value: unknown, areFloats: boolean): unknown {
  if (!areFloats) return value;
  if (typeof value === 'string') return spelled.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => numbers(item, true));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, numbers(item, true)]));
}

const named = (values: unknown, floats: readonly string[]): unknown =>
  Object.fromEntries(Object.entries(values as object).map(([name, value]) => [name, numbers(value, floats.includes(name))]));

async function errorOf(response: Response): Promise<SlipwayError> {
  const said = await response.text();
  let message = said;
  try {
    message = String((JSON.parse(said) as { error?: unknown }).error);
  } catch {
    // Not from the server itself, but from a gateway.
  }
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const requestId = response.headers.get('x-request-id') ?? undefined;
  return new SlipwayError(message, response.status, requestId, Number.isFinite(after) ? after * 1000 : undefined);
}

function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Little-endian; texts with their length in front. */
function bytesOf(data: Data): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return joined(
    data.flatMap((value) => {
      const bytes = text(value);
      return [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes];
    }),
  );
}

interface DescribedTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters: { readonly binary_data_size: number };
}

function tensorsOf(response: Response, body: ArrayBuffer): Record<string, Tensor<Data>> {
  const headBytes = Number(response.headers.get('inference-header-content-length'));
  const { outputs } = JSON.parse(new TextDecoder().decode(body.slice(0, headBytes))) as { outputs: DescribedTensor[] };
  let at = headBytes;
  const tensors = outputs.map(({ name, datatype, shape, parameters }) => {
    const bytes = body.slice(at, at + parameters.binary_data_size);
    at += parameters.binary_data_size;
    return [name, { shape, data: dataOf(datatype, bytes) }] as const;
  });
  return Object.fromEntries(tensors);
}

const views: Readonly<Record<string, new (bytes: ArrayBuffer) => ArrayBufferView>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

function dataOf(datatype: string, bytes: ArrayBuffer): Data {
  const View = views[datatype];
  if (View !== undefined) return new View(bytes);
  const read = new DataView(bytes);
  const texts: string[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = read.getUint32(at, true);
    texts.push(new TextDecoder().decode(bytes.slice(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return texts;
}
`;
