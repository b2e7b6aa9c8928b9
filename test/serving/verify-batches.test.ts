import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defaultModelConfig, type ModelConfig } from '../../src/core/model-config.js';
import { fanOut } from '../../src/core/serving-observer.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import { ServableLoader } from '../../src/serving/servable-loader.js';
import { settle } from '../scheduling/puppet-group.js';
import { completionOf } from '../support/completion.js';
import { ComputingGroup } from './computing-group.js';
import { signature, spec } from './signatures.js';

/** What a served version's rows run through, from its loading on: each doubled. */
function doubling(inputs: readonly NamedTensor[]): NamedTensor[] {
  const [x] = inputs as readonly [NamedTensor];
  return [{ ...x, name: 'y', data: (x.data as Float32Array).map((value) => 2 * value) }];
}

/** The sizes of the runs that followed a request of three rows, the request's own included. */
async function runsAfterThreeRows(
  context: TestContext,
  { verifyBatches, config }: { verifyBatches: boolean; config?: Partial<ModelConfig> },
): Promise<readonly number[]> {
  const group = Object.assign(new ComputingGroup(doubling), { outputNames: ['y'] });
  const loader = new ServableLoader({
    engine: { load: async () => group, close: async () => {} },
    prepare: async (modelPath) => ({
      files: () => ({ modelPath }),
      pin: async () => {},
      signature: signature([spec('x', ['batch', 1])], [spec('y', ['batch', 1])]),
      metadata: {},
      sizeBytes: 1,
      rewrites: [],
      dispose: async () => {},
    }),
    observer: fanOut([]),
    budget: new MemoryBudget(1e9),
    cores: 1,
    defaults: { maxQueueRows: 100, maxQueueDelayMs: 0, runTimeoutMs: 1000, verifyBatches },
  });
  const found = { id: { name: 'm', version: 1 }, modelPath: '/m', fingerprint: '1' };
  const servable = await loader.load(found, { ...defaultModelConfig, ...config }, () => {});
  while (servable.engine.sizing.batching.kind === 'none' && servable.engine.sizing.batching.pending === true)
    await settle();
  // Costs are measured behind that.
  for (let runs = -1; runs < group.sizes.length; await settle(), await settle()) runs = group.sizes.length;
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const before = group.sizes.length;
  const x = { dataType: 'FP32', shape: [3, 1], data: Float32Array.of(1, 2, 3) } as const;
  await completionOf((handler) => servable.engine.infer({ inputs: new Map([['x', x]]) }, handler));
  await settle();
  context.mock.timers.tick(5);
  await settle();
  return group.sizes.slice(before);
}

test('a row of a batch is run again alone', async (context) => {
  assert.deepEqual(await runsAfterThreeRows(context, { verifyBatches: true }), [3, 1]);
});

test('no row is, where that is turned off', async (context) => {
  assert.deepEqual(await runsAfterThreeRows(context, { verifyBatches: false }), [3]);
});

test('nor where model.json says that rows are independent', async (context) => {
  const config = { batching: 'on' } as const;
  assert.deepEqual(await runsAfterThreeRows(context, { verifyBatches: true, config }), [3]);
});
