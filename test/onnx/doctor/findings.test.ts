import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../../src/core/model.js';
import type { Finding } from '../../../src/onnx/doctor/finding.js';
import { findingsOf } from '../../../src/onnx/doctor/findings.js';
import { inspectModel, type ModelInspection } from '../../../src/onnx/inspect-model.js';
import { testModel } from '../../support/model-paths.js';

const findings = async (name: string): Promise<readonly Finding[]> => findingsOf(await inspectModel(testModel(name)));
const codes = async (name: string): Promise<readonly string[]> => (await findings(name)).map(({ code }) => code);

test('a model without peculiarities has no findings', async () => {
  assert.deepEqual(await findings('types'), []);
});

test('a custom operator is an error that names it', async () => {
  const [first, ...others] = await findings('custom_operator');
  assert.deepEqual([first?.level, first?.code, others], ['error', 'unknown-operator', []]);
  assert.match(first?.message ?? '', /"Frobnicate" of domain "com.example"/);
});

test('a type that nothing can serve is an error with the way round it', async () => {
  const [first] = await findings('complex_input');
  assert.deepEqual([first?.level, first?.code], ['error', 'unsupported-type']);
  assert.match(first?.message ?? '', /real and imaginary parts/);
});

test('external data that lies in place is a note, data that is missing an error', async () => {
  assert.deepEqual(await codes('external_data'), ['external-data']);
  const { file, ...rest } = await inspectModel(testModel('external_data'));
  const externalFiles = file.externalFiles.map((external) => ({ ...external, problem: 'is missing' }));
  const inspection: ModelInspection = { modes: rest.modes, file: { ...file, externalFiles }, problem: 'no data' };
  const message = 'external data "external_data.bin" is missing';
  assert.deepEqual(findingsOf(inspection), [{ level: 'error', code: 'external-data-missing', message }]);
});

test('an output that nobody gets is a warning, other rewrites are notes', async () => {
  assert.deepEqual(await codes('untyped_output'), ['output-left-out']);
  assert.deepEqual(await codes('sequence'), ['rewritten', 'rewritten', 'unknown-shape']);
  assert.deepEqual((await codes('old_opset_4')).slice(1, 3), ['older-opset', 'rewritten']);
});

test('a fixed first axis is a warning, with the line of code that frees it', async () => {
  assert.deepEqual(await findings('fixed_batch'), [
    {
      level: 'warning',
      code: 'fixed-batch',
      message: 'the first axis of input "x" is fixed to 1: requests cannot share runs',
      remedy: 'export it with a free first axis:',
      example: 'torch.onnx.export(model, example, "model.onnx", input_names=["x"], dynamic_axes={"x": {0: "batch"}})',
    },
  ]);
});

const withShapes = async (...shapes: (readonly (number | string)[])[]): Promise<ModelInspection> => {
  const inspection = await inspectModel(testModel('fixed_batch'));
  const [input] = inspection.file.inputs;
  const inputs = shapes.map((shape, index) => ({ ...input, name: `x${index}`, type: { ...input?.type, shape } }));
  return { ...inspection, file: { ...inspection.file, inputs } } as ModelInspection;
};

test('what a fixed first axis means depends on how the model turned out to be served', async () => {
  const inspection = await withShapes([8, 4], [8, 2]);
  const [padded] = findingsOf(inspection, { kind: 'fixed', rows: 8 });
  const subject = 'the first axes of inputs "x0", "x1" are fixed to 8';
  assert.equal(padded?.message, `${subject}: every run computes 8 rows, however few are asked for`);
});

/** Whether the first axis of inputs of these shapes is taken for a batch. */
const isFixedBatch = async (batching: Batching | undefined, ...shapes: (readonly (number | string)[])[]) =>
  findingsOf(await withShapes(...shapes), batching).some(({ code }) => code === 'fixed-batch');

test('a first axis of several is a batch only where its rows were shown to be independent', async () => {
  assert.equal(await isFixedBatch({ kind: 'fixed', rows: 2 }, [2, 3]), true);
  assert.equal(await isFixedBatch({ kind: 'none', reason: 'output "y" has no batch axis' }, [2, 3]), false);
  assert.equal(await isFixedBatch(undefined, [2, 3]), false);
  assert.equal(await isFixedBatch({ kind: 'fixed', rows: 1 }, [1, 3], [2, 3]), false);
});

test('channels, heights and times are no batch', async () => {
  for (const picture of [
    [3, 224, 224],
    [224, 224, 3],
    [4, 64, 48],
  ]) {
    assert.equal(await isFixedBatch({ kind: 'fixed', rows: picture[0] as number }, picture), false, String(picture));
  }
  assert.equal(await isFixedBatch({ kind: 'dynamic', maxBatchSize: 8 }, [10, 'n', 4]), false);
  assert.equal(await isFixedBatch(undefined, [1, 'batch_size', 4]), false);
  assert.equal(await isFixedBatch({ kind: 'fixed', rows: 1 }, [1, 3, 224, 224]), true);
});

test('a first axis of one that no output keeps is no batch', async () => {
  const inspection = await withShapes([1, 8]);
  const outputs = inspection.file.outputs.map((output) => ({ ...output, type: { ...output.type, shape: [10] } }));
  const told = findingsOf({ ...inspection, file: { ...inspection.file, outputs } } as ModelInspection);
  assert.ok(!told.some(({ code }) => code === 'fixed-batch'));
});

test('a first axis that is free in another input counts no rows', async () => {
  assert.deepEqual(
    findingsOf(await withShapes(['batch', 4], [2, 'batch', 8])).filter(({ code }) => code === 'fixed-batch'),
    [],
  );
});

test('a single axis of several elements is a row, not a batch', async () => {
  const isFixed = async (shape: number[]) =>
    findingsOf(await withShapes(shape)).some(({ code }) => code === 'fixed-batch');
  assert.deepEqual([await isFixed([4]), await isFixed([1])], [false, true]);
});

test('random operators, leftovers of training and unused inputs are told of', async () => {
  assert.deepEqual(await codes('leftovers'), ['random', 'unused-input']);
  assert.deepEqual(await codes('training_mode'), ['random', 'training-mode']);
});

test('dropout that a constant turns off is a leftover, not a source of chance', async () => {
  assert.deepEqual(await codes('dropout_in_inference'), ['training-leftover']);
});

test('loops and undeclared shapes are told of', async () => {
  assert.deepEqual(await codes('endless'), ['loop']);
  assert.ok((await codes('shapes')).includes('unknown-shape'));
});

test('an operator set beyond the engine is a warning', async () => {
  const inspection = await inspectModel(testModel('types'));
  const outline = { ...inspection.file.outline, opsets: new Map([['ai.onnx', 314]]) };
  const file = { ...inspection.file, outline };
  const served = inspection.served && { ...inspection.served, opset: 314 };
  const [finding] = findingsOf({ ...inspection, file, ...(served && { served }) });
  assert.deepEqual([finding?.level, finding?.code], ['warning', 'newer-opset']);
  const lowered = findingsOf({ ...inspection, file });
  assert.ok(!lowered.some(({ code }) => code === 'newer-opset'));
});

test('a large model is told of', async () => {
  const inspection = await inspectModel(testModel('types'));
  const [finding] = findingsOf({ ...inspection, file: { ...inspection.file, sizeBytes: 3 * 2 ** 30 } });
  assert.deepEqual([finding?.level, finding?.code], ['note', 'large']);
  assert.match(finding?.message ?? '', /^it weighs 3\.0 GiB/);
});
