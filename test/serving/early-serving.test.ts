import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, BatchResult, RunOptions } from '../../src/core/inference-engine.js';
import type { RowFacts } from '../../src/core/model-source.js';
import type { Inference } from '../../src/core/servable.js';
import { invalidArgument } from '../../src/core/serving-error.js';
import { fanOut } from '../../src/core/serving-observer.js';
import type { NamedTensor, Tensor } from '../../src/core/tensor.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import { ServableLoader } from '../../src/serving/servable-loader.js';
import type { ServedVersion } from '../../src/serving/served-version.js';
import { completionOf } from '../support/completion.js';
import { type Compute, ComputingGroup } from './computing-group.js';
import { settle } from './puppet-world.js';
import { config, signature, spec } from './signatures.js';

const model = signature([spec('x', ['batch', 2])], [spec('y', ['batch', 2])]);

/** Computes a few runs, and each further one when the test says so. */
class HeldGroup extends ComputingGroup {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(compute: Compute, free: number) {
    super(compute);
    this.#free = free;
  }

  override get hasCapacity(): boolean {
    return this.#waiting.length === 0;
  }

  override get idleInstances(): number {
    return this.#waiting.length === 0 ? 1 : 0;
  }

  override async tryRun(batch: Batch, options?: RunOptions): Promise<BatchResult> {
    if (this.#free-- <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return super.tryRun(batch, options);
  }

  /** Lets what is held go on, and whatever comes. */
  release(): void {
    this.#free = Number.POSITIVE_INFINITY;
    for (const go of this.#waiting.splice(0)) go();
  }
}

const twice: Compute = ([x]) => [
  { ...(x as NamedTensor), name: 'y', data: ((x as NamedTensor).data as Float32Array).map((value) => 2 * value) },
];
/** Every row less the first one. */
const lessFirst: Compute = ([x]) => {
  const data = (x as NamedTensor).data as Float32Array;
  return [{ ...(x as NamedTensor), name: 'y', data: data.map((value, at) => value - (data[at % 2] as number)) }];
};

async function load(
  group: ComputingGroup,
  rowFacts?: RowFacts,
  settings = config,
  given = model,
): Promise<ServedVersion> {
  const loader = new ServableLoader({
    engine: { load: async () => group, close: async () => {} },
    prepare: async (modelPath) => ({
      files: () => ({ modelPath }),
      pin: async () => {},
      signature: given,
      metadata: {},
      sizeBytes: 1,
      rewrites: [],
      dispose: async () => {},
      ...(rowFacts && { rowFacts }),
    }),
    observer: fanOut([]),
    budget: new MemoryBudget(1e9),
    cores: 1,
    defaults: { maxQueueRows: 100, maxQueueDelayMs: 0, runTimeoutMs: 60_000, verifyBatches: false },
  });
  return loader.load({ id: { name: 'm', version: 1 }, modelPath: 'm.onnx', fingerprint: '' }, settings, () => {});
}

const isPending = ({
  engine: {
    sizing: { batching },
  },
}: ServedVersion): boolean => batching.kind === 'none' && batching.pending === true;

const question = (...data: number[]): ReadonlyMap<string, Tensor> =>
  new Map([['x', { dataType: 'FP32', shape: [data.length / 2, 2], data: Float32Array.from(data) }]]);

test('a version serves after one run; what is not shown yet is told', async () => {
  const group = new HeldGroup(twice, 1);
  const servable = await load(group);
  assert.equal(group.runs, 1);
  assert.deepEqual(servable.engine.sizing.batching, {
    kind: 'none',
    reason: 'whether its rows are independent is still being tried out',
    pending: true,
    axes: { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) },
  });
  await settle();
  assert.equal(group.runs, 1, 'the first run of the proof is held');
  group.release();
  await servable.engine.proven();
  assert.equal(servable.engine.sizing.batching.kind, 'dynamic');
  assert.ok((servable.description.costs ?? []).length > 1);
});

test('a run is overdue by what runs were seen to take, unless the operator has said what one may take', async () => {
  for (const [settings, overdueAfterMs] of [
    [config, 5000],
    [{ ...config, runTimeoutMs: 60_000 }, 60_000],
  ] as const) {
    const group = new ComputingGroup(twice);
    const servable = await load(group, undefined, settings);
    await servable.engine.proven();
    await completionOf<Inference>((handler) => servable.engine.infer({ inputs: question(1, 2) }, handler));
    const { timeoutMs, overdueAfterMs: seen } = group.options;
    assert.deepEqual([timeoutMs, seen], [60_000, overdueAfterMs]);
  }
});

test('what the engine rejects is explained by sizes of one name that differ, and is served where it does not', async () => {
  const square = signature([spec('x', ['batch', 'side', 'side'])], [spec('y', ['batch'])]);
  const picky: Compute = ([x]) => {
    const [rows = 0, height, width = 0] = (x as NamedTensor).shape;
    if (width > 8) throw invalidArgument('the engine says no');
    return [{ name: 'y', dataType: 'FP32', shape: [rows], data: new Float32Array(rows).fill((height ?? 0) * width) }];
  };
  const servable = await load(new ComputingGroup(picky), undefined, config, square);
  const ask = (...shape: number[]): Promise<Inference> => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const inputs = new Map<string, Tensor>([['x', { dataType: 'FP32', shape, data }]]);
    return completionOf<Inference>((handler) => servable.engine.infer({ inputs }, handler));
  };
  assert.deepEqual([...((await ask(1, 2, 3)).outputs[0]?.data ?? [])], [6]);
  await assert.rejects(ask(1, 2, 9), {
    code: 'INVALID_ARGUMENT',
    message:
      'the engine says no; dimension 2 of input "x" is 9, but dimension 1 of input "x" is 2, and the model calls both "side"',
  });
  await assert.rejects(ask(1, 9, 9), { message: 'the engine says no' });
});

test('a request that comes meanwhile waits for one run of the proof, and runs alone', async () => {
  const group = new HeldGroup(twice, 1);
  const servable = await load(group);
  await settle();
  const answer = completionOf<Inference>((handler) => servable.engine.infer({ inputs: question(1, 2) }, handler));
  await settle();
  group.release();
  const { outputs, batchRows } = await answer;
  assert.deepEqual([...(outputs[0]?.data ?? [])], [2, 4]);
  assert.equal(batchRows, 1);
  assert.ok(isPending(servable));
  await servable.engine.proven();
});

test('more separate rows than can be queued one by one before the proof has ended are told when to come again', async () => {
  const group = new HeldGroup(twice, 1);
  const servable = await load(group);
  await settle();
  const inputs = question(...new Array<number>(2 * 16_385).fill(1));
  const answer = completionOf<Inference>((handler) => servable.engine.infer({ inputs, separateRows: {} }, handler));
  await assert.rejects(answer, {
    code: 'UNAVAILABLE',
    retryAfterSeconds: 1,
    message: /16385 rows.* still being tried out: send it again in a second, or at most 16384 rows/,
  });
  group.release();
  await servable.engine.proven();
  const later = completionOf<Inference>((handler) => servable.engine.infer({ inputs, separateRows: {} }, handler));
  assert.equal((await later).rows, 16_385);
});

test('where rows turn out to reach each other, requests go on one by one, and the reason is told', async () => {
  const servable = await load(new ComputingGroup(lessFirst));
  await servable.engine.proven();
  const { batching } = servable.engine.sizing;
  assert.equal(batching.kind, 'none');
  assert.equal(batching.pending, undefined);
  assert.match(batching.reason, /output "y" of a row changes with the rows beside it/);
});

test('what the graph tells needs no proof', async () => {
  const problem = 'output "y" comes through DynamicQuantizeLinear, which looks at all rows of a run';
  const group = new ComputingGroup(twice);
  const problems = new Map([['y', problem]]);
  const servable = await load(group, { problems, constants: new Set(), rowwise: new Set(), limits: new Map() });
  assert.deepEqual(
    servable.engine.sizing.batching.kind === 'none' && [
      servable.engine.sizing.batching.reason,
      servable.engine.sizing.batching.pending,
    ],
    [problem, undefined],
  );
  await servable.engine.proven();
  assert.ok(group.sizes.every((rows) => rows === 1));
});

test('a proof that would take more than a minute of computing ends, and nothing is batched', async () => {
  const group = new ComputingGroup(twice, () => 25_000);
  const servable = await load(group);
  await servable.engine.proven();
  const { batching } = servable.engine.sizing;
  assert.equal(batching.kind, 'none');
  assert.equal(batching.pending, undefined);
  assert.match(batching.reason, /could not be shown: it was not done after 60 s of runs/);
});

test('a version that is retired ends its proof', async () => {
  const group = new HeldGroup(twice, 1);
  const servable = await load(group);
  await settle();
  const retired = servable.retire();
  group.release();
  await Promise.all([retired, servable.engine.proven()]);
  assert.ok(isPending(servable));
  assert.ok(group.runs <= 2);
  assert.ok(group.closed);
});
