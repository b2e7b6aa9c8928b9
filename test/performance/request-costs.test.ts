import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test, after as whenDone } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { httpRequest } from '../../bench/load/http-request.js';
import { projectRoot } from '../../tools/project-root.js';
import { MeasuredServer } from './measured-server.js';
import { SequentialCaller } from './sequential-caller.js';

/** What one request costs the worker process in things that are counted, not timed. */
interface RequestCost {
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly reads: number;
  readonly writes: number;
}

/** Growth beyond which a change is taken for a mistake; one that is worth it raises the figures in the file. */
const tolerance = 1.2;
const {
  node,
  waitingBytes,
  costs: budgets,
} = JSON.parse(readFileSync(join(projectRoot(), 'test/performance/request-costs.json'), 'utf8')) as {
  readonly node: number;
  readonly waitingBytes: number;
  readonly costs: Readonly<Record<string, RequestCost>>;
};
/** What is allocated depends on V8; the file is of one. */
const isSameEngine = process.versions.node.startsWith(`${node}.`);
const counted: readonly (keyof RequestCost)[] = isSameEngine
  ? ['heapBytes', 'bufferBytes', 'reads', 'writes']
  : ['reads', 'writes'];

const image = Float32Array.from({ length: 64 }, (_, index) => (index % 17) / 16);
const imageTensor = { name: 'image', datatype: 'FP32', shape: [1, 8, 8] };
const conversations: Readonly<Record<string, Uint8Array>> = {
  'v1 JSON, 4 numbers': json('/v1/models/iris/predict', { instances: [[5.1, 3.5, 1.4, 0.2]] }),
  'v2 JSON, 64 numbers': json('/v2/models/digits/infer', { inputs: [{ ...imageTensor, data: Array.from(image) }] }),
  'v2 binary, 64 numbers': binary('/v2/models/digits/infer', image),
};

function json(path: string, body: object): Uint8Array {
  return httpRequest(path, {
    headers: { 'content-type': 'application/json' },
    bytes: Buffer.from(JSON.stringify(body)),
  });
}

function binary(path: string, data: Float32Array): Uint8Array {
  const head = JSON.stringify({
    inputs: [{ ...imageTensor, parameters: { binary_data_size: data.byteLength } }],
    parameters: { binary_data_output: true },
  });
  return httpRequest(path, {
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
    bytes: Buffer.concat([Buffer.from(head), Buffer.from(data.buffer)]),
  });
}

/** Until V8 has compiled what is run again and again. */
const warmingRequests = 5000;
const requestsPerRound = 500;
const rounds = 6;
/** Many, so that what they share weighs little. */
const waitingRequests = 1500;

let server: MeasuredServer;
before(async () => {
  server = await MeasuredServer.start();
});
whenDone(() => server.stop());

for (const [about, request] of Object.entries(conversations)) {
  test(`a request costs no more than it did: ${about}`, { skip: !existsSync('/proc/self/io') }, async () => {
    const caller = await SequentialCaller.open(server.port);
    await caller.ask(request, warmingRequests);
    const costs: RequestCost[] = [];
    for (let round = 0; round < rounds; round++) {
      const cost = await costOf(() => caller.ask(request, requestsPerRound));
      if (cost !== undefined) costs.push(cost);
    }
    caller.close();
    assert.ok(costs.length > 0, 'there was a round without a garbage collection');
    // The least: compiling and whatever else goes on beside can only add.
    const least = (name: keyof RequestCost): number => Math.min(...costs.map((cost) => cost[name]));
    const spent = {
      heapBytes: Math.round(least('heapBytes')),
      bufferBytes: Math.round(least('bufferBytes')),
      reads: least('reads'),
      writes: least('writes'),
    };
    console.log(`${about}: ${JSON.stringify(spent)}`);
    const budget = budgets[about] as RequestCost;
    for (const name of counted) {
      assert.ok(
        spent[name] <= budget[name] * tolerance,
        `${name} a request: ${spent[name]} where ${budget[name]} is in request-costs.json`,
      );
    }
  });
}

/** What thousands who wait hold at once is what the collector has to copy. */
test('a request that waits for the engine holds no more than it did', {
  skip: !existsSync('/proc/self/io') || (!isSameEngine && `the file is of Node ${node}`),
}, async () => {
  const [about, request] = Object.entries(conversations)[0] as [string, Uint8Array];
  const callers = await Promise.all(Array.from({ length: waitingRequests }, () => SequentialCaller.open(server.port)));
  // What a connection itself holds is there after its first request.
  await Promise.all(callers.map((caller) => caller.ask(request, 1)));
  const { heapBytes: before } = await server.heap('report live');
  const { reads } = server.systemCalls();
  server.pauseEngines();
  const answers = Promise.all(callers.map((caller) => caller.ask(request, 1)));
  while (server.systemCalls().reads - reads < waitingRequests) await after(10);
  // What was read is begun within the next turns of its event loop, 256 in each, and every question takes one.
  for (let turn = 0; turn < 10; turn++) await server.heap();
  const held = ((await server.heap('report live')).heapBytes - before) / waitingRequests;
  server.resumeEngines();
  await answers;
  for (const caller of callers) caller.close();
  console.log(`${about}: ${Math.round(held)} bytes while it waits`);
  assert.ok(held <= waitingBytes * tolerance, `${held} bytes where ${waitingBytes} are in request-costs.json`);
  assert.ok(held > 0, 'they waited');
});

/** Undefined where a garbage collection took away what there was to count. */
async function costOf(work: () => Promise<void>): Promise<RequestCost | undefined> {
  const heapBefore = await server.heap();
  const callsBefore = server.systemCalls();
  await work();
  const calls = server.systemCalls();
  const heap = await server.heap();
  if (heap.collections !== heapBefore.collections) return undefined;
  return {
    heapBytes: (heap.heapBytes - heapBefore.heapBytes) / requestsPerRound,
    bufferBytes: (heap.bufferBytes - heapBefore.bufferBytes) / requestsPerRound,
    reads: (calls.reads - callsBefore.reads) / requestsPerRound,
    writes: (calls.writes - callsBefore.writes) / requestsPerRound,
  };
}
