import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DataType } from '../../src/core/data-type.js';
import { elementCount, type TensorData } from '../../src/core/tensor.js';
import { batchOf, loadRequest, startEngine } from './engine-fixture.js';

const values: readonly (readonly [string, DataType, TensorData])[] = [
  ['bool', 'BOOL', Uint8Array.of(0, 1, 1, 0, 1, 0)],
  ['uint8', 'UINT8', Uint8Array.of(0, 255, 1, 2, 3, 4)],
  ['uint16', 'UINT16', Uint16Array.of(0, 65_535, 1, 2, 3, 4)],
  ['uint32', 'UINT32', Uint32Array.of(0, 4_294_967_295, 1, 2, 3, 4)],
  ['uint64', 'UINT64', BigUint64Array.of(0n, 2n ** 64n - 1n, 2n ** 53n + 1n, 2n, 3n, 4n)],
  ['int8', 'INT8', Int8Array.of(-128, 127, -1, 0, 1, 2)],
  ['int16', 'INT16', Int16Array.of(-32_768, 32_767, -1, 0, 1, 2)],
  ['int32', 'INT32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1, -1, 0, 1, 2)],
  ['int64', 'INT64', BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, 0n, 1n, 2n)],
  ['fp16', 'FP16', Uint16Array.of(0x3c00, 0xbc00, 0x7bff, 0x0001, 0x7c00, 0x7e00)],
  ['fp32', 'FP32', Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3.4e38)],
  ['fp64', 'FP64', Float64Array.of(1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324, 1.7e308)],
  ['bytes', 'BYTES', ['', 'plain', 'ü', '日本語', '🙂 and more', 'x'.repeat(100_000)]],
];

const shapes: readonly (readonly number[])[] = [[6], [2, 3], [1, 6, 1], [], [0], [0, 3], [3, 0, 2]];

for (const binding of ['auto', 'public'] as const) {
  describe(`over the ${binding === 'auto' ? 'native binding' : 'public API'}`, () => {
    for (const [name, dataType, data] of values) {
      test(`${dataType} tensors of every shape come back exactly`, async (context) => {
        const engine = startEngine(context, { binding });
        const group = await engine.load(loadRequest(`identity-${name}`));
        for (const shape of shapes) {
          const sent = data.slice(0, elementCount(shape));
          const result = await group.tryRun(batchOf([{ dataType, shape, data: sent }]));
          assert.deepEqual(result?.outputs, [{ name: 'y', dataType, shape, data: sent }]);
        }
      });
    }
  });
}

test('tensors of several megabytes, in several parts, come back exactly', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('identity-fp32'));
  const whole = Float32Array.from({ length: 1_572_864 }, (_, index) => index);
  const cuts = [0, 1, 3, 500_001, 500_002, 1_572_864];
  const parts = cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end));
  const input = { name: 'x', dataType: 'FP32' as const, shape: [whole.length], parts };
  for (let round = 0; round < 3; round++) {
    const result = await group.tryRun({ inputs: [input], outputs: ['y'] });
    assert.deepEqual(result?.outputs[0]?.data, whole);
  }
});

test('strings in several parts, lone surrogates among them, arrive in order', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('identity-bytes'));
  const parts = [['a\ud83d', '\ude42b'], [], ['c']];
  const result = await group.tryRun({
    inputs: [{ name: 'x', dataType: 'BYTES', shape: [3], parts }],
    outputs: ['y'],
  });
  assert.deepEqual(result?.outputs[0]?.data, ['a\ufffd', '\ufffdb', 'c']);
});

test('the outputs asked for come back, in the order they were asked for', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('two-inputs'));
  assert.deepEqual(group.inputNames, ['a', 'b']);
  assert.deepEqual(group.outputNames, ['sum', 'difference']);
  const inputs = [
    { name: 'b', dataType: 'FP32' as const, shape: [2], data: Float32Array.of(1, 2) },
    { name: 'a', dataType: 'FP32' as const, shape: [2], data: Float32Array.of(10, 20) },
  ];
  const both = await group.tryRun(batchOf(inputs, ['difference', 'sum']));
  assert.deepEqual(
    both?.outputs.map(({ name, data }) => [name, ...(data as Float32Array)]),
    [
      ['difference', 9, 18],
      ['sum', 11, 22],
    ],
  );
  const one = await group.tryRun(batchOf(inputs, ['sum']));
  assert.deepEqual(
    one?.outputs.map(({ name }) => name),
    ['sum'],
  );
});
