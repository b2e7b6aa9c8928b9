import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfTensor, tensorFromBytes } from '../../src/codecs/raw-tensor.js';
import { dataTypes } from '../../src/core/data-type.js';
import { allocate, type NumericData } from '../../src/core/tensor.js';

const subject = 'input "x"';

for (const dataType of dataTypes) {
  test(`${dataType}: raw bytes survive the way there and back`, () => {
    const data = allocate(dataType, 6);
    const bytes = Buffer.from(bytesOfTensor({ data }));
    const tensor = tensorFromBytes(bytes, { subject, dataType, shape: [2, 3] });
    assert.deepEqual(tensor, { dataType, shape: [2, 3], data });
    assert.deepEqual(Buffer.from(bytesOfTensor(tensor)), bytes);
  });
}

test('numbers are little-endian', () => {
  const bytes = Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  assert.deepEqual(tensorFromBytes(bytes, { subject, dataType: 'FP32', shape: [2] }).data, Float32Array.of(1, -2));
});

test('aligned numbers share memory with the bytes, others are copied', () => {
  const memory = new Uint8Array(64);
  const at = (offset: number): NumericData =>
    tensorFromBytes(memory.subarray(offset, offset + 16), { subject, dataType: 'FP32', shape: [4] })
      .data as NumericData;
  assert.equal(at(8).buffer, memory.buffer);
  assert.notEqual(at(9).buffer, memory.buffer);
  memory[9 + 3] = 0x40;
  assert.equal(at(9)[0], 2);
});

test('a tensor that is a view gives its own bytes only, without a copy', () => {
  const whole = Int16Array.of(1, 2, 3, 4);
  const bytes = bytesOfTensor({ data: whole.subarray(1, 3) });
  assert.deepEqual(Array.from(bytes), [2, 0, 3, 0]);
  assert.equal(bytes.buffer, whole.buffer);
});

test('too many or too few bytes are refused with both counts', () => {
  const cases = [
    ['FP32', [2, 2], 15, 'FP32 of shape [2, 2] needs 16 bytes, got 15'],
    ['INT64', [], 9, 'INT64 of shape [] needs 8 bytes, got 9'],
    ['FP16', [0], 2, 'FP16 of shape [0] needs 0 bytes, got 2'],
    ['UINT8', [1e12, 1e12], 1, 'UINT8 of shape [1000000000000, 1000000000000] needs 1e+24 bytes, got 1'],
  ] as const;
  for (const [dataType, shape, size, message] of cases) {
    assert.throws(() => tensorFromBytes(new Uint8Array(size), { subject, dataType, shape }), {
      code: 'INVALID_ARGUMENT',
      message: `${subject}: ${message}`,
    });
  }
});

test('strings must be as many as the shape says', () => {
  const bytes = bytesOfTensor({ data: ['a', 'b', 'c'] });
  assert.deepEqual(tensorFromBytes(bytes, { subject, dataType: 'BYTES', shape: [3, 1] }).data, ['a', 'b', 'c']);
  assert.throws(() => tensorFromBytes(bytes, { subject, dataType: 'BYTES', shape: [2] }), {
    message: `${subject}: shape [2] needs 2 elements, the bytes hold 3`,
  });
});

test('a BOOL byte is 0 or 1', () => {
  const read = (...bytes: number[]) =>
    tensorFromBytes(Uint8Array.from(bytes), { subject, dataType: 'BOOL', shape: [bytes.length] });
  assert.deepEqual(read(0, 1).data, Uint8Array.of(0, 1));
  assert.throws(() => read(1, 0, 2), { message: `${subject}: BOOL takes bytes 0 and 1, got 2 at [2]` });
});
