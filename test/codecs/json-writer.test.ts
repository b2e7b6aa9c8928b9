import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { numberToBfloat16, numberToHalf } from '../../src/codecs/half-float.js';
import { elementText, JsonWriter, type NonFinite } from '../../src/codecs/json-writer.js';
import { type DataType, integerRanges } from '../../src/core/data-type.js';
import { bfloat16ToNumber, halfToNumber } from '../../src/core/half-values.js';
import type { Tensor, TensorData } from '../../src/core/tensor.js';
import { readText } from './read-text.js';
import { floatText, shortestText } from './shortest-text.js';

const tensorOf = (dataType: DataType, data: TensorData, shape: readonly number[] = [data.length]): Tensor => ({
  dataType,
  shape,
  data,
});

const nested = (tensor: Tensor, nonFinite?: NonFinite): string =>
  new JsonWriter(nonFinite === undefined ? {} : { nonFinite }).nested(tensor).finish().toString();

/** The texts of single elements, as they stand in an array. */
const texts = (dataType: DataType, data: TensorData): string[] =>
  nested(tensorOf(dataType, data)).slice(1, -1).split(',');

const doubles = [
  ...[0, -0, 1, -1, 0.1, 0.2, 0.3, 1 / 3, 2 / 3, 123456789, 1e21, 1e20, 123456789012345680000, 1e22, 1e23, 9.5e21],
  ...[1e-6, 1e-7, 0.000001234, 1.5e-7, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308],
  ...[9007199254740991, 9007199254740992, 9007199254740994, 2 ** 63, 2 ** 64, 2 ** -1074, 2 ** 1023, 4.35, 0.5, 100],
  ...[
    5.684341886080801e-14,
    2 ** -44,
    2 ** -24,
    2 ** 77,
    Number('1.2345678901234567e-5'),
    12345678.9,
    1e15,
    1e16,
    1e17,
    1e100,
  ],
];

test('doubles are written as JavaScript writes them, whole ones with their point', () => {
  assert.deepEqual(
    texts('FP64', Float64Array.from(doubles)),
    doubles.map((value) => shortestText(value, Number)),
  );
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
      const expected = values.map(floatText);
      assert.deepEqual(texts('FP64', Float64Array.from(values)), expected);
    }),
    { numRuns: 2000 },
  );
});

test('doubles of every power of two and of ten, and their neighbours, are written as JavaScript writes them, whole ones with their point', () => {
  const bits = new BigInt64Array(1);
  const value = new Float64Array(bits.buffer);
  const values: number[] = [];
  const addNeighbours = (center: number) => {
    for (const step of [-2n, -1n, 0n, 1n, 2n]) {
      value[0] = center;
      bits[0] = (bits[0] as bigint) + step;
      if (Number.isFinite(value[0]) && value[0] > 0) values.push(value[0] as number);
    }
  };
  for (let power = -1074; power < 1024; power++) addNeighbours(2 ** power);
  for (let power = -323; power < 309; power++) addNeighbours(Number(`1e${power}`));
  assert.deepEqual(texts('FP64', Float64Array.from(values)), values.map(floatText));
});

test('float32 values are written as the shortest text that reads back, the nearest of those', () => {
  const values = Float32Array.from([
    ...[
      0,
      -0,
      0.1,
      0.2,
      0.3,
      1 / 3,
      16777216,
      16777217,
      3.4028234663852886e38,
      1.401298464324817e-45,
      1.1754943508222875e-38,
    ],
    ...[
      1e10, 1e20, 1e21, 1e22, 1e-5, 1e-6, 1e-7, 33554432, 8589934592, 0.3, 255, 1e-10, 9.5367431640625e-7, 5e-45, 1.5,
    ],
    ...Array.from({ length: 254 }, (_, i) => 2 ** (i - 126)),
  ]);
  assert.deepEqual(
    texts('FP32', values),
    Array.from(values, (value) => shortestText(value, Math.fround)),
  );
  assert.equal(texts('FP32', Float32Array.of(0.1))[0], '0.1');
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (list) => {
      const expected = list.map((value) => shortestText(value, Math.fround));
      assert.deepEqual(texts('FP32', Float32Array.from(list)), expected);
    }),
    { numRuns: 500 },
  );
});

for (const [dataType, toNumber, fromNumber, infinity] of [
  ['FP16', halfToNumber, numberToHalf, 0x7c00],
  ['BF16', bfloat16ToNumber, numberToBfloat16, 0x7f80],
] as const) {
  test(`${dataType}: every finite value is written as the shortest text that reads back`, () => {
    const patterns = Uint16Array.from({ length: infinity }, (_, pattern) => pattern);
    const written = texts(dataType, patterns);
    for (const pattern of patterns) {
      const expected = shortestText(toNumber(pattern), (value) => toNumber(fromNumber(value)));
      assert.equal(written[pattern], expected);
    }
    assert.deepEqual(readText(`[${written.join(',')}]`, dataType).data, patterns);
    const negative = patterns.map((pattern) => pattern | 0x8000);
    assert.deepEqual(
      texts(dataType, negative),
      written.map((text) => `-${text}`),
    );
  });
}

test('integers are written in full, over their whole range', () => {
  for (const [dataType, { min, max }] of Object.entries(integerRanges) as [DataType, { min: bigint; max: bigint }][]) {
    const values = [min, min + 1n, max, max - 1n, 0n, 7n];
    for (let power = 1n; power < max; power *= 10n) values.push(power, power - 1n, power + 9n <= max ? power + 9n : 1n);
    assert.deepEqual(texts(dataType, readText(`[${values.join(',')}]`, dataType).data), values.map(String));
  }
});

test('NaN and the infinities are null, words, or words in quotes, as asked for', () => {
  const expected: [NonFinite | undefined, string][] = [
    [undefined, '[null,null,null,1.5]'],
    ['null', '[null,null,null,1.5]'],
    ['token', '[NaN,Infinity,-Infinity,1.5]'],
    ['string', '["NaN","Infinity","-Infinity",1.5]'],
  ];
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5];
  for (const [nonFinite, text] of expected) {
    assert.equal(nested(tensorOf('FP64', Float64Array.from(values)), nonFinite), text);
    assert.equal(nested(tensorOf('FP32', Float32Array.from(values)), nonFinite), text);
    assert.equal(nested(tensorOf('FP16', Uint16Array.from(values, numberToHalf)), nonFinite), text);
    assert.equal(nested(tensorOf('BF16', Uint16Array.from(values, numberToBfloat16)), nonFinite), text);
  }
  // The sign of a NaN is nobody's business.
  assert.equal(nested(tensorOf('FP16', Uint16Array.of(0xfe01)), 'token'), '[NaN]');
});

test('nested follows the shape', () => {
  const data = Int32Array.of(1, 2, 3, 4, 5, 6);
  const cases: [number[], string][] = [
    [[6], '[1,2,3,4,5,6]'],
    [[2, 3], '[[1,2,3],[4,5,6]]'],
    [[3, 1, 2], '[[[1,2]],[[3,4]],[[5,6]]]'],
    [[6, 1], '[[1],[2],[3],[4],[5],[6]]'],
  ];
  for (const [shape, text] of cases) {
    assert.equal(nested(tensorOf('INT32', data, shape)), text);
    assert.equal(nested(tensorOf('BYTES', Array.from(data, String), shape)), text.replace(/\d/g, '"$&"'));
  }
  assert.equal(nested(tensorOf('INT32', Int32Array.of(7), [])), '7');
  assert.equal(nested(tensorOf('BOOL', Uint8Array.of(1, 0), [2, 1])), '[[true],[false]]');
});

test('tensors without elements are written by their shape', () => {
  for (const [shape, text] of [
    [[0], '[]'],
    [[2, 0], '[[],[]]'],
    [[0, 3], '[]'],
    [[1, 2, 0], '[[[],[]]]'],
  ] as const) {
    assert.equal(nested(tensorOf('FP32', new Float32Array(), shape)), text);
    assert.equal(nested(tensorOf('BYTES', [], shape)), text);
  }
});

test('flat is one array whatever the shape, a scalar too', () => {
  const flat = (tensor: Tensor) => new JsonWriter().flat(tensor).finish().toString();
  assert.equal(flat(tensorOf('FP32', Float32Array.of(1, 2, 3, 4), [2, 2])), '[1.0,2.0,3.0,4.0]');
  assert.equal(flat(tensorOf('FP32', Float32Array.of(5), [])), '[5.0]');
  assert.equal(flat(tensorOf('BOOL', Uint8Array.of(1, 0), [1, 2])), '[true,false]');
});

test('a row is the value at an index of the first axis', () => {
  const row = (tensor: Tensor, index: number) => new JsonWriter().row(tensor, index).finish().toString();
  const matrix = tensorOf('FP32', Float32Array.of(1, 2, 3, 4), [2, 2]);
  assert.equal(row(matrix, 0), '[1.0,2.0]');
  assert.equal(row(matrix, 1), '[3.0,4.0]');
  assert.equal(row(tensorOf('INT64', BigInt64Array.of(8n, 9n)), 1), '9');
  assert.equal(row(tensorOf('BYTES', ['a', 'b'], [2, 1]), 1), '["b"]');
  assert.equal(row(tensorOf('FP32', Float32Array.of(1, 2, 3, 4), [2, 1, 2]), 1), '[[3.0,4.0]]');
});

test('strings are JSON strings, or base64 of their UTF-8 where asked for', () => {
  const tensor = tensorOf('BYTES', ['a"b', 'é\n', '']);
  assert.equal(nested(tensor), JSON.stringify(tensor.data));
  const coded = new JsonWriter().flat(tensor, { b64: true }).finish().toString();
  assert.deepEqual(JSON.parse(coded), [{ b64: 'YSJi' }, { b64: 'w6kK' }, { b64: '' }]);
  assert.equal(
    new JsonWriter()
      .nested(tensorOf('INT8', Int8Array.of(1)), { b64: true })
      .finish()
      .toString(),
    '[1]',
  );
});

test('pieces come out in the order they were written in, large and small', () => {
  const data = Float64Array.from({ length: 50_000 }, (_, i) => i / 7);
  const text = new JsonWriter()
    .raw('{"é":')
    .value({ a: [1, 'ü'] })
    .raw(',"large":')
    .nested(tensorOf('FP64', data, [5, 10_000]))
    .raw(',"none":')
    .value(undefined)
    .raw(',"small":')
    .flat(tensorOf('BYTES', ['ñ']))
    .raw('}')
    .finish()
    .toString();
  const rows = Array.from({ length: 5 }, (_, row) => Array.from(data.subarray(row * 10_000, (row + 1) * 10_000)));
  assert.match(text, /^\{"é":\{"a":\[1,"ü"\]\},"large":\[\[0\.0,/);
  assert.deepEqual(JSON.parse(text), { é: { a: [1, 'ü'] }, large: rows, none: null, small: ['ñ'] });
});

test('large tensors of any shape are written whole', () => {
  for (const shape of [[100_000], [50_000, 2], [100_000, 1], [3, 1, 8193, 4], [8192], [8193], [16_384]]) {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 100_003) / 64 - 500);
    const tensor = readText(nested(tensorOf('FP32', data, shape)), 'FP32');
    assert.deepEqual(tensor.shape, shape);
    assert.deepEqual(tensor.data, data);
    const integers = Int8Array.from(data);
    assert.deepEqual(readText(nested(tensorOf('INT8', integers, shape)), 'INT8').data, integers);
  }
});

test('views into larger memory are written by their own elements', () => {
  const memory = Float64Array.from({ length: 20 }, (_, i) => i);
  assert.equal(nested(tensorOf('FP64', memory.subarray(3, 6))), '[3.0,4.0,5.0]');
});

test('a single element has the text that it has in an array', () => {
  const tensor = tensorOf('FP32', Float32Array.of(0.1, Number.NaN, 3), [3, 1]);
  assert.deepEqual([0, 1, 2].map(elementText(tensor, 'token')), ['0.1', 'NaN', '3.0']);
  assert.equal(elementText(tensorOf('BYTES', ['a"']), 'null')(0), '"a\\""');
  assert.equal(elementText(tensorOf('BOOL', Uint8Array.of(1)), 'null')(0), 'true');
  assert.equal(elementText(tensorOf('UINT64', BigUint64Array.of(2n ** 64n - 1n)), 'null')(0), '18446744073709551615');
});
