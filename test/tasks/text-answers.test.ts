import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DenseLayer } from '../../src/tasks/text/dense-layer.js';
import { normalized, pooled } from '../../src/tasks/text/pooling.js';
import { ranked, scoresOf } from '../../src/tasks/text/scores.js';
import { filledTo, tokenBatches } from '../../src/tasks/text/token-batches.js';
import { tokenTensors } from '../../src/tasks/text/token-tensors.js';

test('each pooling counts the tokens of the text alone', () => {
  // Two tokens between two that fill up.
  const vectors = { values: [9, 9, 1, -2, 3, 4, 9, 9], width: 2, from: 1, to: 3 };
  const of = (mode: Parameters<typeof pooled>[0][number]) => [...pooled([mode], vectors)];
  assert.deepEqual(of('cls'), [1, -2]);
  assert.deepEqual(of('lasttoken'), [3, 4]);
  assert.deepEqual(of('mean'), [2, 1]);
  assert.deepEqual(of('max'), [3, 4]);
  assert.deepEqual(of('mean_sqrt_len'), [...Float32Array.of(4 / Math.SQRT2, 2 / Math.SQRT2)]);
  assert.deepEqual(of('weightedmean'), [...Float32Array.of((2 * 1 + 3 * 3) / 5, (2 * -2 + 3 * 4) / 5)]);
  assert.deepEqual([...pooled(['cls', 'mean'], vectors)], [1, -2, 2, 1]);
  assert.deepEqual([...normalized(Float32Array.of(3, 4))], [...Float32Array.of(0.6, 0.8)]);
});

test('scores do not overflow, and equal ones keep their order', () => {
  assert.deepEqual([...scoresOf([1000, 1000], 'softmax')], [0.5, 0.5]);
  assert.deepEqual([...scoresOf([0], 'sigmoid')], [0.5]);
  assert.deepEqual([...scoresOf([-3], 'none')], [-3]);
  assert.deepEqual(ranked([0.2, 0.5, 0.2, 0.5]), [1, 3, 0, 2]);
});

test('texts of like length run together, within the limits', () => {
  const limits = { maxBatchTokens: 32, maxRows: 128, maxTokens: 48, isPadded: true };
  assert.deepEqual(tokenBatches([3, 20, 8, 5, 7], limits), [
    { length: 8, rows: [0, 2, 3, 4] },
    { length: 24, rows: [1] },
  ]);
  assert.deepEqual(
    tokenBatches([3, 8, 5, 7, 1], limits).map(({ rows }) => rows.length),
    [4, 1],
  );
  assert.deepEqual(tokenBatches([3, 5, 3], { ...limits, isPadded: false }), [
    { length: 3, rows: [0, 2] },
    { length: 5, rows: [1] },
  ]);
  assert.deepEqual(
    tokenBatches([3, 3], { ...limits, maxRows: 1 }).map(({ rows }) => rows),
    [[0], [1]],
  );
});

test('a text is filled up by an eighth at most, and never beyond the limit', () => {
  const limits = { maxTokens: 500, isPadded: true };
  for (let tokens = 57; tokens <= 500; tokens++) {
    const length = filledTo(tokens, limits);
    assert.ok(length >= tokens && length <= Math.min(500, Math.ceil(tokens * 1.125)), `${tokens} → ${length}`);
  }
  assert.equal(filledTo(500, limits), 500);
  assert.equal(filledTo(3, { ...limits, fixedLength: 128 }), 128);
});

test('of a mix of 5 to 500 tokens what is filled up is far below 15 %, in few lengths', () => {
  const limits = { maxTokens: 512, isPadded: true };
  const mixes = [(share: number) => 5 + Math.round(495 * share), (share: number) => Math.round(5 * 100 ** share)];
  for (const mix of mixes) {
    const tokens = Array.from({ length: 1000 }, (_, at) => mix(at / 999));
    const filled = tokens.map((length) => filledTo(length, limits));
    const [kept, all] = [tokens, filled].map((list) => list.reduce((sum, length) => sum + length, 0)) as [
      number,
      number,
    ];
    assert.ok((all - kept) / all < 0.07, `${(all - kept) / all}`);
    assert.ok(new Set(filled).size <= 32);
  }
});

test('shorter texts are filled up on their side, and what fills them up is masked', () => {
  const inputs = (['ids', 'mask', 'types', 'positions'] as const).map((role) => ({
    name: role,
    role,
    dataType: 'INT32' as const,
  }));
  const sequences = [
    { ids: Int32Array.of(5, 6), typeIds: Uint8Array.of(0, 1) },
    { ids: Int32Array.of(7, 8, 9), typeIds: Uint8Array.of(0, 0, 1) },
  ];
  const rows = (side: 'left' | 'right') => {
    const tensors = tokenTensors(sequences, { inputs, length: 3, padding: { id: 4, side } });
    return Object.fromEntries([...tensors].map(([name, { data }]) => [name, [...(data as Int32Array)].join(' ')]));
  };
  assert.deepEqual(rows('right'), {
    ids: '5 6 4 7 8 9',
    mask: '1 1 0 1 1 1',
    types: '0 1 0 0 0 1',
    positions: '0 1 0 0 1 2',
  });
  assert.deepEqual(rows('left'), {
    ids: '4 5 6 7 8 9',
    mask: '0 1 1 1 1 1',
    types: '0 0 1 0 0 1',
    positions: '0 1 2 0 1 2',
  });
  const wide = tokenTensors(sequences, {
    inputs: [{ name: 'ids', role: 'ids', dataType: 'INT64' }],
    length: 3,
    padding: { id: 4, side: 'right' },
  }).get('ids');
  assert.ok(wide !== undefined);
  assert.deepEqual([...(wide.data as BigInt64Array)], [5n, 6n, 4n, 7n, 8n, 9n]);
});

test('a dense layer is read from safetensors, and says what is wrong with its file', () => {
  const layer = (header: object, ...values: number[]) => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const file = Buffer.alloc(8 + text.length + 4 * values.length);
    file.writeBigUInt64LE(BigInt(text.length));
    file.set(text, 8);
    for (const [at, value] of values.entries()) file.writeFloatLE(value, 8 + text.length + 4 * at);
    return file;
  };
  const weight = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };
  const bias = { dtype: 'F32', shape: [2], data_offsets: [16, 24] };
  const file = layer({ 'linear.weight': weight, 'linear.bias': bias }, 1, 2, 3, 4, 10, -20);
  const config = { activation_function: 'torch.nn.modules.activation.ReLU' };
  assert.deepEqual([...new DenseLayer(config, file).apply(Float32Array.of(1, 1))], [13, 0]);
  assert.throws(() => new DenseLayer(config, file.subarray(0, 20)), /its header is cut off/);
  assert.throws(() => new DenseLayer(config, file.subarray(0, -4)), /"linear.bias" lies outside of the file/);
  assert.throws(
    () => new DenseLayer({ activation_function: 'x.Swish' }, file),
    /activation function Swish is not known/,
  );
  assert.throws(
    () => new DenseLayer(config, layer({ 'linear.weight': { ...weight, dtype: 'F16' } })),
    /of type F16; expected F32/,
  );
});
