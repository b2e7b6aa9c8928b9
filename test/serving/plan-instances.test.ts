import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModelConfig, type ModelConfig } from '../../src/core/model-config.js';
import { planInstances } from '../../src/serving/plan-instances.js';

const plan = (config: Partial<ModelConfig>, cores: number, singleRunMs: number | undefined) => {
  const { instances, threads } = planInstances({ ...defaultModelConfig, ...config }, { cores, singleRunMs });
  return [instances, threads];
};

test('a model gets as many instances as its run is heavy, within the cores and eight', () => {
  const sixteen = [undefined, 0.01, 0.25, 0.26, 0.8, 1.6, 5].map((singleRunMs) => plan({}, 16, singleRunMs)[0]);
  assert.deepEqual(sixteen, [1, 1, 1, 2, 4, 7, 8]);
  assert.deepEqual(plan({}, 2, 0.62), [2, 1]);
  assert.deepEqual(plan({}, 1, 50), [1, 1]);
});

test('threads of an instance take their part of the cores', () => {
  assert.deepEqual(plan({ threads: 4 }, 16, 50), [4, 4]);
  assert.deepEqual(plan({ threads: 4 }, 2, 50), [1, 2]);
});

test('the operator has it as is said', () => {
  assert.deepEqual(plan({ instances: 3 }, 1, 0.01), [3, 1]);
});
