import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModelConfig, type ModelConfig } from '../../src/core/model-config.js';
import { planInstances, planMemory } from '../../src/serving/plan-resources.js';

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

const mebibyte = 2 ** 20;

test('a process may take six times what its model does, and 2 GiB', () => {
  const { memoryLimitBytes } = planMemory(defaultModelConfig, 100 * mebibyte);
  assert.equal(memoryLimitBytes, 2048 * mebibyte + 600 * mebibyte);
});

test('a model with a limit of its own is held to it, in a process of its own', () => {
  const plan = planMemory({ ...defaultModelConfig, memoryLimitBytes: 7 }, mebibyte);
  assert.deepEqual(plan, { memoryLimitBytes: 7, shareable: false });
});

test('models up to 16 MiB may share a process', () => {
  assert.equal(planMemory(defaultModelConfig, 16 * mebibyte).shareable, true);
  assert.equal(planMemory(defaultModelConfig, 16 * mebibyte + 1).shareable, false);
});
