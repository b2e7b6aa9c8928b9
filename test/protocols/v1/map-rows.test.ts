import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../src/codecs/json-document.js';
import { type MapSpec, readMapRows } from '../../../src/protocols/v1/map-rows.js';

const spec = (labels: number): MapSpec => ({
  name: 'x',
  dataType: 'FP32',
  shape: ['n', labels],
  classLabels: Array.from({ length: labels }, (_, index) => `label-${index}`),
  isMap: true,
});

test('empty objects make no more numbers than one request may', () => {
  const document = parseJson(Buffer.from('{}'));
  const rows = (count: number) => new Array<Record<string, never>>(count).fill({});
  assert.equal(readMapRows(document, rows(16), spec(4096)).data.length, 16 * 4096);
  assert.throws(() => readMapRows(document, rows(8193), spec(4096)), {
    code: 'RESOURCE_EXHAUSTED',
    message: /^input "x": 8193 objects of 4096 labels are 33558528 numbers; at most 33554432/,
  });
});
