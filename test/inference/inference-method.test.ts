import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { InferenceResponse } from '../../src/core/inference.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { RequestFinished } from '../../src/core/serving-observer.js';
import type { Caller } from '../../src/inference/call-context.js';
import { CodecThreads } from '../../src/inference/codec-threads/codec-threads.js';
import { HeldResponses } from '../../src/inference/held-responses.js';
import { CancelSignal } from '../../src/inference/inference-call.js';
import type { InferenceCodec } from '../../src/inference/inference-codec.js';
import { InferenceMethod } from '../../src/inference/inference-method.js';
import { type PuppetModel, PuppetService } from '../protocols/puppet-service.js';

const spec = { name: 'x', dataType: 'FP32', shape: ['batch', 1] } as const;

const double: PuppetModel = {
  name: 'double',
  signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }] },
  compute: (inputs) => {
    const x = inputs.get('x');
    const data = Float32Array.from(x?.data as Float32Array, (value) => 2 * value);
    return [{ name: 'y', dataType: 'FP32', shape: [data.length, 1], data }];
  },
};

/** A number in, a number out, as text; what the message says of limits counts as in a body. */
interface Text {
  readonly body: Buffer;
  readonly priority?: number;
  readonly timeoutMs?: number;
}

const text: InferenceCodec<Text, { readonly body: string }, string> = {
  name: 'text',
  readingBytes: ({ body }) => body.length,
  read: ({ body, priority, timeoutMs }) => {
    const value = Number(body.toString());
    if (Number.isNaN(value)) throw new ServingError('INVALID_ARGUMENT', 'this is no number');
    const inputs = new Map([['x', { dataType: 'FP32', shape: [1, 1], data: Float32Array.of(value) } as const]]);
    return { inputs, priority, timeoutMs, wishes: body.toString() };
  },
  writingBytes: () => 0,
  write: (asked, { outputs }) => {
    if (asked === '13') throw new ServingError('INVALID_ARGUMENT', 'thirteen is not written');
    return { body: `${outputs[0]?.data[0]}` };
  },
};

interface Heard {
  /** What callers were told. */
  readonly outcomes: string[];
  readonly reports: RequestFinished[];
  readonly logged: object[];
}

interface World extends Heard {
  readonly service: PuppetService;
  readonly method: InferenceMethod<Text, { readonly body: string }>;
}

const statuses = new Proxy({} as Record<ServingError['code'] | 'OK', number>, {
  get: (_, code) => String(code).length,
});

function world(
  context: TestContext,
  models: readonly PuppetModel[] = [double],
  codec: InferenceCodec<Text, { readonly body: string }> = text,
): World {
  const service = new PuppetService(models);
  const heard: Heard = { outcomes: [], reports: [], logged: [] };
  const threads = new CodecThreads({
    fromBytes: 2 ** 20,
    maxWaitingBytes: 0,
    program: new URL(import.meta.url),
    data: 0,
  });
  context.after(() => threads.close());
  const method = new InferenceMethod({
    codec,
    protocol: {
      name: 'text',
      statuses,
      words: (error) => (error.code === 'NOT_FOUND' ? new ServingError(error.code, 'unknown here') : error),
    },
    tools: {
      service,
      observer: { requestFinished: (event) => void heard.reports.push(event) },
      logger: { error: (details) => void heard.logged.push(details) },
      threads,
      responses: new HeldResponses({ largestBytes: 2 ** 20, mostBytes: 2 ** 20 }),
      requestTimeoutMs: 60_000,
    },
  });
  return { service, method, ...heard };
}

type Told = Partial<Caller<{ readonly body: string }>>;

/** Makes one call; resolves when its outcome has come. */
function call({ method, outcomes }: World, body: string, own: Told = {}): Promise<void> {
  return new Promise((resolve) => {
    const caller: Caller<{ readonly body: string }> = {
      requestId: 'call-1',
      arrivedAt: performance.now(),
      signal: new CancelSignal(),
      timeoutMs: undefined,
      priority: undefined,
      caller: undefined,
      succeeded: ({ body: answer }, { id }: InferenceResponse) => {
        outcomes.push(`${answer} by ${id.name}/${id.version}`);
        resolve();
      },
      failed: ({ code, message }) => {
        outcomes.push(`${code}: ${message}`);
        resolve();
      },
      abandon: (cause) => {
        outcomes.push(`abandoned: ${cause}`);
        resolve();
      },
    };
    Object.defineProperties(caller, Object.getOwnPropertyDescriptors(own));
    method.begin({ name: 'double' }, caller, { body: Buffer.from(body) });
  });
}

const codes = ({ reports }: Heard): string[] => reports.map(({ code, status }) => `${code} ${status}`);

test('a call that succeeds has one outcome, one report, and gives its lease back', async (context) => {
  const one = world(context);
  await call(one, '21');
  assert.deepEqual(one.outcomes, ['42 by double/1']);
  assert.deepEqual(
    one.reports.map(({ id, protocol, code, status, requestId, rows }) => ({
      id,
      protocol,
      code,
      status,
      requestId,
      rows,
    })),
    [{ id: { name: 'double', version: 1 }, protocol: 'text', code: 'OK', status: 2, requestId: 'call-1', rows: 1 }],
  );
  assert.equal(one.service.leases, 0);
});

const unforeseen = "internal error; the server's log has it under request id call-1";
const failing: PuppetModel = { ...double, compute: () => Promise.reject(new ServingError('INTERNAL', 'it broke')) };
const broken: InferenceCodec<Text, { readonly body: string }, string> = {
  ...text,
  read: () => {
    throw new TypeError('a fault');
  },
};

for (const { about, models, codec, body = '1', outcome, code } of [
  {
    about: 'its message cannot be read',
    body: 'x',
    outcome: 'INVALID_ARGUMENT: this is no number',
    code: 'INVALID_ARGUMENT',
  },
  { about: 'the model fails', models: [failing], outcome: 'INTERNAL: it broke', code: 'INTERNAL' },
  {
    about: 'its answer cannot be written',
    body: '13',
    outcome: 'INVALID_ARGUMENT: thirteen is not written',
    code: 'INVALID_ARGUMENT',
  },
  { about: 'the codec has a fault', codec: broken, outcome: `INTERNAL: ${unforeseen}`, code: 'INTERNAL' },
  { about: 'there is no such model', models: [], outcome: 'NOT_FOUND: unknown here', code: 'NOT_FOUND' },
]) {
  test(`a call has one outcome and one report where ${about}`, async (context) => {
    const one = world(context, models, codec);
    await call(one, body);
    assert.deepEqual(one.outcomes, [outcome]);
    assert.deepEqual(codes(one), [`${code} ${code.length}`]);
    assert.equal(one.service.leases, 0);
    assert.equal(one.logged.length, codec === broken ? 1 : 0);
  });
}

const full = new ServingError('UNAVAILABLE', 'the queue is full');

test('early rejection comes before the message is read, and is the one report', async (context) => {
  const one = world(context, [{ ...double, rejection: full }], broken);
  const origin = { requestId: 'call-1', arrivedAt: 0 };
  assert.equal(one.method.rejection({ name: 'double' }, origin), full);
  await call(one, '1');
  assert.deepEqual(one.outcomes, ['UNAVAILABLE: the queue is full']);
  assert.deepEqual(
    one.reports.map(({ id, code }) => [id?.name, code]),
    [
      ['double', 'UNAVAILABLE'],
      ['double', 'UNAVAILABLE'],
    ],
  );
  assert.equal(one.service.leases, 0);
});

test('what may go on is not reported when it is asked for', (context) => {
  const one = world(context);
  assert.equal(one.method.rejection({ name: 'double' }, { requestId: 'call-1', arrivedAt: 0 }), undefined);
  assert.deepEqual([one.reports.length, one.service.leases], [0, 0]);
});

test('a caller whose own words cannot be read gets that as its failure', async (context) => {
  const one = world(context);
  const fault = new ServingError('INVALID_ARGUMENT', 'priority: expected a number');
  await call(one, '1', {
    get priority(): number {
      throw fault;
    },
  });
  assert.deepEqual(one.outcomes, ['INVALID_ARGUMENT: priority: expected a number']);
  assert.deepEqual(codes(one), ['INVALID_ARGUMENT 16']);
});

test('an outcome that cannot be handed over ends that caller, and nothing is reported twice', async (context) => {
  const one = world(context);
  await call(one, '1', {
    succeeded: () => {
      throw new Error('gone');
    },
  });
  assert.deepEqual(one.outcomes, ['abandoned: Error: gone']);
  assert.deepEqual(codes(one), ['OK 2']);
  assert.equal(one.service.leases, 0);
});

test('the earliest limit counts, from the arrival on: of the call, of the message, or the usual one', async (context) => {
  const one = world(context);
  const within = async (limits: { call?: number; message?: number }): Promise<number | undefined> => {
    await new Promise<void>((resolve) => {
      const caller: Caller<{ readonly body: string }> = {
        requestId: '',
        arrivedAt: 1e9,
        signal: new CancelSignal(),
        timeoutMs: limits.call,
        priority: 7,
        caller: 'someone',
        succeeded: () => resolve(),
        failed: () => resolve(),
        abandon: () => resolve(),
      };
      const { message: timeoutMs } = limits;
      one.method.begin({ name: 'double' }, caller, {
        body: Buffer.from('1'),
        ...(timeoutMs !== undefined && { timeoutMs, priority: 2 }),
      });
    });
    return (one.service.requests.at(-1)?.deadlineMs ?? 0) - 1e9;
  };
  assert.equal(await within({}), 60_000);
  assert.equal(one.service.requests.at(-1)?.priority, 7);
  assert.equal(one.service.requests.at(-1)?.caller, 'someone');
  assert.equal(await within({ call: 90_000 }), 90_000);
  assert.equal(await within({ call: 500, message: 20 }), 20);
  assert.equal(one.service.requests.at(-1)?.priority, 2);
  assert.equal(await within({ call: 20, message: 500 }), 20);
  assert.equal(await within({ call: 0, message: 20 }), 20);
  assert.equal(await within({ call: 0 }), -1e9, 'none');
});

test('a call that failed before it could begin is reported once, and gets the protocol’s words', (context) => {
  const one = world(context);
  const error = one.method.failed(new ServingError('NOT_FOUND', 'no route'), { requestId: 'call-1', arrivedAt: 0 });
  assert.equal(error.message, 'unknown here');
  assert.deepEqual(codes(one), ['NOT_FOUND 9']);
});

test('a caller of an unknown model who cannot be told so is abandoned', async (context) => {
  const one = world(context, []);
  await call(one, '1', {
    failed: () => {
      throw new Error('gone');
    },
  });
  assert.deepEqual(one.outcomes, ['abandoned: Error: gone']);
});
