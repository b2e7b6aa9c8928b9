import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../src/core/tensor.js';
import { memoryOf, noPause, packCopy, packOwn, unpack } from '../../../src/inference/codec-threads/transferables.js';

const texts = Array.from({ length: 10_000 }, (_, index) => ['', 'plain', 'naïve', '日本', '🙂'][index % 5] as string);
const strings: Tensor = { dataType: 'BYTES', shape: [texts.length], data: texts };

test('strings come from another thread as they went in', async () => {
  const packed = await packOwn(strings, noPause);
  assert.deepEqual(unpack(structuredClone(packed, { transfer: memoryOf([packed]) })), strings);
});

test('numbers move without being copied, or leave the original where it is', async () => {
  const data = Float64Array.from({ length: 300_000 }, (_, index) => index);
  const tensor: Tensor = { dataType: 'FP64', shape: [data.length], data };
  const copy = await packCopy(tensor, noPause);
  structuredClone(copy, { transfer: memoryOf([copy]) });
  assert.equal(data.length, 300_000);
  const own = await packOwn(tensor, noPause);
  const moved = structuredClone(own, { transfer: memoryOf([own]) });
  assert.equal(data.length, 0);
  assert.equal((moved.data as Float64Array)[299_999], 299_999);
});

test('tensors that share memory move together', async () => {
  const memory = new ArrayBuffer(16);
  const halves = [0, 8].map((at) => ({ dataType: 'FP32', shape: [2], data: new Float32Array(memory, at, 2) }) as const);
  assert.deepEqual(memoryOf(await Promise.all(halves.map((half) => packOwn(half, noPause)))), [memory]);
});

test('long work is done in pieces', async () => {
  let pauses = 0;
  const pause = async () => void pauses++;
  await packCopy(strings, pause);
  assert.equal(pauses, 2);
  await packCopy({ dataType: 'UINT8', shape: [2 ** 22], data: new Uint8Array(2 ** 22) }, pause);
  assert.equal(pauses, 5);
});
