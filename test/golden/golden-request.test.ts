import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGoldenRequest } from '../../src/golden/golden-request.js';
import { memberBytes } from '../../src/golden/member-bytes.js';

const read = (text: string) => readGoldenRequest(Buffer.from(text));

test('the request is sent as it stands in the file', () => {
  const request = ' {"inputs": {"id": 9007199254740993, "t": "\\"request\\": }]", "n": NaN}} ';
  const { body, protocol } = read(`\uFEFF{"response": {"request": 1}, "request":${request}}`);
  assert.equal(body.toString(), request);
  assert.equal(protocol, 'v1');
});

test('of a member that is there twice the last one counts, as for JSON.parse', () => {
  const json = Buffer.from('{"a": [1, {"b": "a"}], "b": "a", "a": 2}');
  assert.equal(memberBytes(json, 'a')?.toString(), ' 2');
  assert.equal(memberBytes(json, 'b')?.toString(), ' "a"');
  assert.equal(memberBytes(json, 'c'), undefined);
});

test('tensors with names and shapes are a request of v2', () => {
  const response = '"response": {}';
  const tensor = '{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}';
  assert.equal(read(`{"request": {"inputs": [${tensor}]}, ${response}}`).protocol, 'v2');
  assert.equal(read(`{"request": {"inputs": [[1]]}, ${response}}`).protocol, 'v1');
  assert.equal(read(`{"request": {"inputs": [{"b64": "eA=="}]}, ${response}}`).protocol, 'v1');
  assert.equal(read(`{"request": {"inputs": [{"name": 1}]}, ${response}}`).protocol, 'v1');
});
