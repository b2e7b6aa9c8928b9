import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type ErrorCode, errorCodes, invalidArgument, type ServingError } from '../../src/core/serving-error.js';
import type { Caller } from '../../src/inference/call-context.js';
import { CancelSignal } from '../../src/inference/inference-call.js';
import type { InferenceCodec, WrittenMessage } from '../../src/inference/inference-codec.js';
import { InferenceMethod, type InferenceTools } from '../../src/inference/inference-method.js';
import type { ProtocolServer } from '../../src/protocols/protocol-server.js';

/**
 * A protocol of lines over TCP. A request: `ID MODEL [timeout=MS] [priority=N] NUMBER…`, one row of the model's one input.
 * Its answer: `ID ok NAME=NUMBER,… …` or `ID error CODE message`. Several may be under way; who hangs up cancels them.
 */
const longestLine = 65_536;

const lineCodec: InferenceCodec = {
  name: 'line',
  // Lines are short: none is worth the way to another thread.
  readingBytes: () => 0,
  writingBytes: () => 0,
  read: ({ body }, { signature }) => {
    const [spec] = signature.inputs;
    const words = body.toString().split(' ').filter(Boolean);
    const odd = words.find((word) => !Number.isFinite(Number(word)));
    if (odd !== undefined) throw invalidArgument(`expected numbers, got ${JSON.stringify(odd)}`);
    if (spec?.dataType !== 'FP32' && spec?.dataType !== 'INT64') throw invalidArgument('the model takes other types');
    const { dataType } = spec;
    const whole = words.map((word) => BigInt(Math.trunc(Number(word))));
    const data = dataType === 'FP32' ? Float32Array.from(words, Number) : BigInt64Array.from(whole);
    const shape = spec.shape?.length === 1 ? [words.length] : [1, words.length];
    return { inputs: new Map([[spec.name, { dataType, shape, data }]]), wishes: undefined };
  },
  write: (_wishes, { outputs }) => ({ body: outputs.map(({ name, data }) => `${name}=${data.join(',')}`).join(' ') }),
};

/** For the log: this protocol's callers are told the code itself. */
type Statuses = Record<ErrorCode | 'OK', number>;
const statuses = Object.fromEntries(['OK', ...errorCodes].map((code, at) => [code, at])) as Statuses;

/** One line's call: what it says of itself, and where its outcome goes. */
class LineCall implements Caller<WrittenMessage> {
  readonly requestId: string;
  readonly arrivedAt = performance.now();
  readonly signal: CancelSignal;
  readonly caller = undefined;
  readonly #options: ReadonlyMap<string, string>;
  readonly #connection: LineConnection;

  constructor(requestId: string, options: ReadonlyMap<string, string>, connection: LineConnection) {
    this.requestId = requestId;
    this.signal = connection.signal;
    this.#options = options;
    this.#connection = connection;
  }

  get timeoutMs(): number | undefined {
    return this.#positive('timeout');
  }

  get priority(): number | undefined {
    return this.#positive('priority');
  }

  #positive(name: string): number | undefined {
    const text = this.#options.get(name);
    if (text === undefined || Number(text) > 0) return text === undefined ? undefined : Number(text);
    throw invalidArgument(`${name}: expected a positive number, got ${JSON.stringify(text)}`);
  }

  succeeded({ body }: WrittenMessage): void {
    this.#connection.answer(`${this.requestId} ok ${body}`);
  }

  failed({ code, message }: ServingError): void {
    this.#connection.answer(`${this.requestId} error ${code} ${message.replaceAll('\n', ' ')}`);
  }

  abandon(): void {
    this.#connection.socket.destroy();
  }
}

class LineConnection {
  readonly signal = new CancelSignal();
  readonly socket: Socket;
  readonly #begin: (line: string, connection: LineConnection) => void;
  #rest = '';
  #underWay = 0;
  #isEnding = false;

  constructor(socket: Socket, begin: (line: string, connection: LineConnection) => void) {
    this.socket = socket;
    this.#begin = begin;
    socket.on('error', () => undefined).on('close', () => this.signal.abort());
    socket.setEncoding('utf8').on('data', (text) => this.#read(`${text}`));
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() as string;
    this.#underWay += lines.length;
    for (const line of lines) this.#begin(line, this);
    if (this.#rest.length > longestLine) this.socket.destroy();
  }

  answer(line: string): void {
    this.socket.write(`${line}\n`);
    this.#underWay--;
    if (this.#isEnding) this.end();
  }

  /** Closes it once what is under way is answered. */
  end(): void {
    this.#isEnding = true;
    if (this.#underWay === 0) this.socket.destroySoon();
  }
}

export function lineServer(tools: InferenceTools): ProtocolServer {
  const method = new InferenceMethod({ tools, protocol: { name: 'line', statuses }, codec: lineCodec });
  const connections = new Map<Socket, LineConnection>();
  const begin = (line: string, connection: LineConnection): void => {
    const [, id = '', name = '', options = '', body = ''] = /^(\S+) (\S+) ?((?:\w+=\S* ?)*)(.*)$/.exec(line) ?? [];
    const given = new Map([...options.matchAll(/(\w+)=(\S*)/g)].map(([, key = '', value = '']) => [key, value]));
    method.begin({ name }, new LineCall(id, given, connection), { body: Buffer.from(body) });
  };
  const take = (socket: Socket): void => {
    connections.set(socket, new LineConnection(socket, begin));
    socket.on('close', () => connections.delete(socket));
  };
  const server = createServer(take);
  return {
    name: 'line',
    take,
    listen: async (path) => {
      await once(server.listen(path ?? { host: '127.0.0.1', port: 0 }), 'listening');
      return path ?? `127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    // It has no word for "go elsewhere": callers learn it when their connection ends.
    drain: () => undefined,
    close: async () => {
      server.close();
      const gone = [...connections.keys()].map((socket) => once(socket, 'close'));
      for (const connection of connections.values()) connection.end();
      await Promise.all(gone);
    },
    destroy: () => connections.forEach((_, socket) => void socket.destroy()),
  };
}
