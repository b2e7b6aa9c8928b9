import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferenceRequest } from '../../src/core/inference.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { RequestFinished } from '../../src/core/serving-observer.js';
import type { Caller } from '../../src/inference/call-context.js';
import type { CodecThreads } from '../../src/inference/codec-threads/codec-threads.js';
import type { Interest } from '../../src/inference/codec-threads/while-wanted.js';
import { HeldResponses, type ResponseHold } from '../../src/inference/held-responses.js';
import { CancelSignal } from '../../src/inference/inference-call.js';
import type { InferenceCodec } from '../../src/inference/inference-codec.js';
import { InferenceMethod } from '../../src/inference/inference-method.js';
import { PuppetService } from '../protocols/puppet-service.js';

const fromBytes = 1000;
const spec = { name: 'x', dataType: 'FP32', shape: ['batch', 'width'] } as const;

/** A message of so many bytes is a row that wide; the answer is what was written where. */
const codec: InferenceCodec<{ readonly body: Buffer }, { readonly body: string }, string> = {
  name: 'wide',
  readingBytes: ({ body }) => (body.toString('latin1', 0, 1) === 'c' ? 0 : body.length),
  read: ({ body }) => ({
    inputs: new Map([
      ['x', { dataType: 'FP32', shape: [1, body.length], data: new Float32Array(body.length) } as const],
    ]),
    wishes: 'here',
  }),
  writingBytes: (_wishes, { outputs }) => 4 * (outputs[0]?.data.length ?? 0),
  write: (wishes) => ({ body: `read ${wishes}, written here` }),
};

/** What the threads do when the test does not say otherwise. */
const thread = {
  read: (message: { readonly body: Buffer }) => ({ ...codec.read(message, {} as never), wishes: 'there' }),
  write: (wishes: unknown): { readonly body: string } => ({ body: `read ${wishes}, written there` }),
};

interface Told {
  readonly outcomes: string[];
  readonly reports: RequestFinished[];
  readonly interests: Interest[];
  readonly holds: (ResponseHold | undefined)[];
  readonly held: HeldResponses;
  readonly service: PuppetService;
  readonly requests: readonly InferenceRequest[];
}

interface Play {
  readonly bytes: number;
  /** What the body begins with: of one that begins with `c` little is to be read. */
  readonly begins?: string;
  readonly threads?: Partial<typeof thread>;
  readonly caller?: Partial<Caller<{ readonly body: string }>>;
}

/** Makes one call; resolves when its outcome has come. */
async function play({ bytes, begins = 'x', threads, caller }: Play): Promise<Told> {
  const service = new PuppetService([
    {
      name: 'wide',
      signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }] },
      compute: (inputs) => [{ ...(inputs.get('x') as NonNullable<ReturnType<typeof inputs.get>>), name: 'y' }],
    },
  ]);
  const held = new HeldResponses({ largestBytes: 100_000, mostBytes: 1_000_000 });
  const told = { outcomes: [], reports: [], interests: [], holds: [] } as unknown as Told;
  const acts = { ...thread, ...threads };
  const codecThreads = {
    fromBytes,
    read: async (_codec: unknown, message: { body: Buffer }, _model: unknown, interest: Interest) => {
      told.interests.push(interest);
      return acts.read(message);
    },
    write: async (_codec: unknown, wishes: unknown, _results: unknown, _model: unknown, interest: Interest) => {
      told.interests.push(interest);
      return acts.write(wishes);
    },
  } as unknown as CodecThreads;
  const method = new InferenceMethod({
    codec,
    protocol: {
      name: 'wide',
      statuses: new Proxy({}, { get: () => 0 }) as Record<ServingError['code'] | 'OK', number>,
    },
    tools: {
      service,
      observer: { requestFinished: (event) => void told.reports.push(event) },
      logger: { error: () => {} },
      threads: codecThreads,
      responses: held,
      requestTimeoutMs: 500,
    },
  });
  await new Promise<void>((resolve) => {
    const end = (outcome: string): void => {
      told.outcomes.push(outcome);
      resolve();
    };
    method.begin(
      { name: 'wide' },
      {
        requestId: '1',
        arrivedAt: 1e9,
        signal: new CancelSignal(),
        timeoutMs: undefined,
        priority: undefined,
        caller: undefined,
        succeeded: ({ body }, _response, hold) => {
          told.holds.push(hold);
          end(body);
        },
        failed: ({ code, message }) => end(`${code}: ${message}`),
        abandon: (cause) => end(`abandoned: ${cause}`),
        ...caller,
      },
      { body: Buffer.from(begins.padEnd(bytes, 'x')) },
    );
  });
  // What is still to come would be an outcome too many.
  await new Promise((resolve) => setImmediate(resolve));
  return { ...told, held, service, requests: service.requests };
}

test('what is large is read and written in another thread, from a size on; what is smaller here', async () => {
  const outcome = async (bytes: number, begins?: string) =>
    (await play({ bytes, ...(begins !== undefined && { begins }) })).outcomes;
  assert.deepEqual(await outcome(249), ['read here, written here']);
  assert.deepEqual(await outcome(250), ['read here, written there']);
  assert.deepEqual(await outcome(999), ['read here, written there']);
  assert.deepEqual(await outcome(1000), ['read there, written there']);
  assert.deepEqual(await outcome(1000, 'c'), ['read here, written there']);
});

test('a thread works for a caller until it is gone or its time is up', async () => {
  const signal = new CancelSignal();
  const { interests } = await play({ bytes: 2000, caller: { signal } });
  assert.deepEqual(
    interests.map(({ deadlineMs }) => deadlineMs),
    [1e9 + 500, 1e9 + 500],
  );
  assert.ok(interests.every((interest) => interest.signal === signal));
  const { interests: endless } = await play({ bytes: 2000, caller: { timeoutMs: 0 } });
  assert.equal(endless[0]?.deadlineMs, undefined);
});

const busy = new ServingError('UNAVAILABLE', 'no thread is free');
const fail = (): never => {
  throw busy;
};

for (const [about, threads, computed] of [
  ['reading', { read: fail }, 0],
  ['writing', { write: fail }, 1],
] as const) {
  test(`a call whose ${about} fails in another thread fails with that, once`, async () => {
    const { outcomes, reports, service, held, requests } = await play({ bytes: 5000, threads });
    assert.deepEqual(outcomes, ['UNAVAILABLE: no thread is free']);
    assert.deepEqual(
      reports.map(({ code }) => code),
      ['UNAVAILABLE'],
    );
    assert.deepEqual([service.leases, held.bytes, requests.length], [0, 0, computed]);
  });
}

test('a large answer is held as what was written, until the caller has taken it; a small one is not', async () => {
  const { holds, held, outcomes } = await play({ bytes: 4096 });
  assert.equal(held.bytes, outcomes[0]?.length);
  holds[0]?.release();
  assert.equal(held.bytes, 0);
  assert.deepEqual((await play({ bytes: 4095 })).holds, [undefined]);
});

test('an answer that is too large is rejected, and the model’s time is all it cost', async () => {
  const { outcomes, held, service } = await play({ bytes: 25_001 });
  assert.match(outcomes.join(), /^RESOURCE_EXHAUSTED: the answer is too large: its tensors are 100004 bytes/);
  assert.deepEqual([held.bytes, service.leases], [0, 0]);
});

test('an answer is sent smaller where the caller takes it so', async () => {
  const compress = ({ body }: { readonly body: string }) => Promise.resolve({ body: `${body}, smaller` });
  assert.deepEqual((await play({ bytes: 1, caller: { compress } })).outcomes, ['read here, written here, smaller']);
  const { outcomes } = await play({ bytes: 1, caller: { compress: () => undefined } });
  assert.deepEqual(outcomes, ['read here, written here']);
});

test('an answer that cannot be made smaller fails, and holds nothing', async () => {
  const compress = () => Promise.reject(new ServingError('UNAVAILABLE', 'no memory'));
  const { outcomes, held, reports } = await play({ bytes: 5000, caller: { compress } });
  assert.deepEqual(outcomes, ['UNAVAILABLE: no memory']);
  assert.deepEqual([held.bytes, reports.length], [0, 1]);
});

test('an answer that cannot be handed over holds nothing, a failure that cannot be told is abandoned', async () => {
  const gone = (): never => {
    throw new Error('gone');
  };
  const { outcomes, held, service } = await play({ bytes: 5000, caller: { succeeded: gone } });
  assert.deepEqual([outcomes, held.bytes, service.leases], [['abandoned: Error: gone'], 0, 0]);
  const failed = await play({ bytes: 5000, threads: { read: fail }, caller: { failed: gone } });
  assert.deepEqual([failed.outcomes, failed.service.leases], [['abandoned: Error: gone'], 0]);
});
