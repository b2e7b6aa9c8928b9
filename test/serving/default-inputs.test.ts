import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedTensor } from '../../src/core/tensor.js';
import { withDefaultInputs } from '../../src/serving/default-inputs.js';
import { ComputingGroup } from './computing-group.js';
import { signature, spec } from './signatures.js';

const scale = { dataType: 'FP32', shape: [], data: Float32Array.of(3) } as const;
const model = signature(
  [spec('x', ['n']), spec('scale', [], 'FP32', { optional: true, defaultValue: scale })],
  [spec('y', ['n'])],
);
const x = { name: 'x', dataType: 'FP32', shape: [1], parts: [Float32Array.of(2)] } as const;

/** What the model is given, by name. */
const given = async (...extra: (typeof x)[]): Promise<Record<string, unknown>> => {
  let seen: readonly NamedTensor[] = [];
  const computing = new ComputingGroup((inputs) => {
    seen = inputs;
    return [];
  });
  await withDefaultInputs(computing, model).tryRun({ inputs: [x, ...extra], outputs: ['y'] });
  return Object.fromEntries(seen.map(({ name, data }) => [name, [...(data as Float32Array)]]));
};

test('an input that a batch leaves out gets the value the model has for it', async () => {
  assert.deepEqual(await given(), { x: [2], scale: [3] });
});

test('a value that a request brings counts', async () => {
  const own = { ...x, name: 'scale', parts: [Float32Array.of(5)] } as unknown as typeof x;
  assert.deepEqual(await given(own), { x: [2], scale: [5] });
});
