import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FastRoutes, jsonTypes, modelPattern } from '../../../../src/protocols/http/fast-path/fast-routes.js';
import { PlainHeads } from '../../../../src/protocols/http/fast-path/http-text.js';
import type { HttpMethod } from '../../../../src/protocols/http/inference-route.js';

function heads(): PlainHeads {
  const routes = new FastRoutes({ leavesPages: false });
  routes.add({
    path: new RegExp(`^/v1/models/${modelPattern}/predict$`),
    contentTypes: jsonTypes,
    method: {} as HttpMethod,
  });
  return new PlainHeads(routes);
}

const head = (model: string, bytes: number): string =>
  `POST /v1/models/${model}/predict HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ${bytes}`;

test('a head means the same however many others came before and between', () => {
  const known = heads();
  for (const turn of [1, 2, 3]) {
    for (let bytes = 0; bytes < 300; bytes++) {
      const found = known.find(head(`model-${bytes % 7}`, bytes));
      assert.equal(found?.head.bodyBytes, bytes, `turn ${turn}`);
      assert.deepEqual(found?.route.model, { name: `model-${bytes % 7}` });
    }
  }
});

test('a head that came a moment ago is not read again', () => {
  const known = heads();
  const first = known.find(head('iris', 1));
  for (let bytes = 2; bytes < 60; bytes++) known.find(head('iris', bytes));
  assert.equal(known.find(head('iris', 1)), first);
});

test('what is not for the fast path never is', () => {
  const known = heads();
  const chunked = head('iris', 1).replace('Content-Length: 1', 'Transfer-Encoding: chunked');
  const elsewhere = head('iris', 1).replace('predict', 'metadata');
  for (const text of [chunked, elsewhere, chunked, elsewhere]) assert.equal(known.find(text), undefined);
});
