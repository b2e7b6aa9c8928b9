import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineFailure } from '../../src/core/inference-engine.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import type { ModelSignature } from '../../src/core/tensor-spec.js';
import { plannedBatching } from '../../src/serving/plan-batching.js';
import { tryOut } from '../../src/serving/trial.js';
import { type Compute, ComputingGroup } from './computing-group.js';
import { config, signature, spec } from './signatures.js';

const tryModel = (model: ModelSignature, compute: Compute, trusted = false) =>
  tryOut({
    group: new ComputingGroup(compute),
    signature: model,
    planned: plannedBatching(model, config),
    trusted,
    runTimeoutMs: 1000,
  });

const rowwise = signature([spec('x', ['n', 2])], [spec('y', ['n', 2])]);

const mapped =
  (change: (values: Float32Array) => Float32Array): Compute =>
  ([x]) => [{ ...(x as NamedTensor), name: 'y', data: change((x as NamedTensor).data as Float32Array) }];

test('a model whose rows are independent is batched', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => values.map((value) => value * 3)),
  );
  assert.equal(batching.kind, 'dynamic');
});

test('a model that mixes rows is not, and the reason names the output', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    }),
  );
  assert.deepEqual(batching, {
    kind: 'none',
    reason: 'output "y" of a row changes with the rows beside it, or from run to run',
  });
});

test('integers that can only take two values still show a mixing of rows', async () => {
  const model = signature([spec('x', ['n', 1], 'INT64')], [spec('y', ['n', 1], 'INT64')]);
  const { batching } = await tryModel(model, ([x]) => {
    const input = x as NamedTensor;
    const data = (input.data as BigInt64Array).slice();
    return [{ ...input, name: 'y', data: data.fill([...data].sort().at(-1) as bigint) }];
  });
  assert.equal(batching.kind, 'none');
});

test('an output without the batch axis is not split', async () => {
  const { batching } = await tryModel(rowwise, () => [
    { name: 'y', dataType: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) },
  ]);
  assert.equal(batching.kind, 'none');
});

test('a label that is declared as one value but has one a row does not stand in the way', async () => {
  const model = signature([spec('x', ['n', 2])], [spec('label', [1], 'INT64')]);
  const { batching } = await tryModel(model, ([x]) => {
    const rows = (x as NamedTensor).shape[0] as number;
    return [{ name: 'label', dataType: 'INT64', shape: [rows], data: new BigInt64Array(rows).fill(1n) }];
  });
  assert.equal(batching.kind, 'dynamic');
});

test('rounding that differs with the batch size is no dependence', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => values.map((value) => value + 1e-7 * values.length)),
  );
  assert.equal(batching.kind, 'dynamic');
});

test('a fixed batch is kept when its rows are independent and refused when they are not', async () => {
  const fixed = signature([spec('x', [4, 2])], [spec('y', [4, 2])]);
  const good = await tryModel(
    fixed,
    mapped((values) => values.map((value) => -value)),
  );
  assert.deepEqual(good.batching, { kind: 'fixed', rows: 4 });
  const cumulative = await tryModel(
    fixed,
    mapped((values) => values.map((_, index) => values.slice(0, index + 1).reduce((a, b) => a + b))),
  );
  assert.equal(cumulative.batching.kind, 'none');
});

test('inputs are tried until the model takes some', async () => {
  const model = signature([spec('x', ['n', 'length'])], [spec('y', ['n'])]);
  const { batching, recipe } = await tryModel(model, ([x]) => {
    const { shape, data } = x as NamedTensor;
    if ((shape[1] as number) < 8) throw new ServingError('INVALID_ARGUMENT', 'too short');
    const rows = Array.from({ length: shape[0] as number }, (_, row) => data[row * (shape[1] as number)] as number);
    return [{ name: 'y', dataType: 'FP32', shape: [rows.length], data: Float32Array.from(rows) }];
  });
  assert.equal(batching.kind, 'dynamic');
  assert.equal(recipe?.freeSize, 8);
});

const texts = signature([spec('x', ['n', 1], 'BYTES')], [spec('y', ['n', 'tokens'], 'BYTES')]);

const splitAt =
  (delimiter: string): Compute =>
  ([x]) => {
    const tokens = ((x as NamedTensor).data as readonly string[]).map((text) => text.split(delimiter));
    const width = Math.max(...tokens.map((row) => row.length));
    const data = tokens.flatMap((row) => [...row, ...new Array<string>(width - row.length).fill('')]);
    return [{ name: 'y', dataType: 'BYTES', shape: [tokens.length, width], data }];
  };

for (const delimiter of [' ', ',', '.', '-', '|']) {
  test(`texts split at "${delimiter}" and padded to the longest of the batch are seen to depend on each other`, async () => {
    const { batching } = await tryModel(texts, splitAt(delimiter));
    assert.equal(batching.kind, 'none');
  });
}

test('so they are in a fixed batch, which always has a long one', async () => {
  const model = signature([spec('x', [2, 3], 'BYTES')], [spec('y', [2, 'tokens'], 'BYTES')]);
  const { batching } = await tryModel(model, splitAt(' '));
  assert.equal(batching.kind, 'none');
});

test('a model that reads numbers from texts is tried with such texts', async () => {
  const { batching } = await tryModel(texts, ([x]) => {
    const { data, ...input } = x as NamedTensor;
    if (data.some((text) => Number.isNaN(Number(text)))) throw new ServingError('INVALID_ARGUMENT', 'not a number');
    return [{ ...input, name: 'y', data: (data as readonly string[]).map((text) => `${Number(text) + 1}`) }];
  });
  assert.equal(batching.kind, 'dynamic');
});

for (const [kind, rows] of [
  ['free', 'n'],
  ['fixed', 2],
] as const) {
  test(`a model that answers nothing to made-up inputs shows nothing about its ${kind} rows`, async () => {
    const model = signature([spec('x', [rows, 2])], [spec('y', [rows, 'found', 2])]);
    const { batching, recipe } = await tryModel(model, ([x]) => [
      { name: 'y', dataType: 'FP32', shape: [(x as NamedTensor).shape[0] as number, 0, 2], data: new Float32Array(0) },
    ]);
    assert.equal(batching.kind, 'none');
    assert.ok(recipe);
  });
}

test('a model that takes none of them is served one request at a time', async () => {
  const { batching, recipe } = await tryModel(rowwise, () => {
    throw new ServingError('INVALID_ARGUMENT', 'no');
  });
  assert.equal(batching.kind, 'none');
  assert.equal(recipe, undefined);
});

test('the operator who says that rows are independent is believed', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => values.map(() => Math.random())),
    true,
  );
  assert.equal(batching.kind, 'dynamic');
});

test('an engine process that is killed from outside does not change the outcome', async () => {
  let runs = 0;
  const { batching, recipe } = await tryModel(rowwise, ([x]) => {
    if (++runs % 2 === 1) throw new EngineFailure('CRASHED', 'SIGKILL');
    return [{ ...(x as NamedTensor), name: 'y' }];
  });
  assert.equal(batching.kind, 'dynamic');
  assert.equal(recipe?.freeSize, 1);
});
