import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { startTestServer } from '../test-server.js';

const { app, service, logged } = await startTestServer({ after });

const paths = [
  '/v1/models/echo-fp32/predict',
  '/v1/models/echo-int64:predict',
  '/v1/models/pair/predict',
  '/v1/models/flower:classify',
  '/v1/models/price:regress',
  '/v2/models/pair/infer',
  '/v2/models/echo-bytes/infer',
  '/v2/repository/index',
];

/** Values of the kinds and under the names that the protocols look for. */
const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom('x', 'number', 'word', 'FP32', 'BYTES', 'NaN', '9007199254740993', '', '__proto__'),
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 1.5, 1e300, 2 ** 53),
    fc.double(),
    fc.string(),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(
    fc.constantFrom(
      ...['instances', 'inputs', 'examples', 'context', 'parameters', 'outputs', 'name', 'shape', 'datatype', 'data'],
      ...['x', 'number', 'word', 'rooms', 'b64', 'id', 'binary_data_size', 'classification', 'timeout', '__proto__'],
    ),
    tie('any'),
    { maxKeys: 5 },
  ),
  any: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('object')),
})).any;

/** Real requests, from which one character or another is taken, or put in its place. */
const seeds = [
  '{"instances":[[1,2],[3,4.5e-3]]}',
  '{"inputs":{"number":[[1]],"word":[["a"]]}}',
  '{"examples":[{"x":[1,2,3,4]}],"context":{"rooms":1}}',
  '{"id":"1","inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","data":["a",{"b64":"YQ=="}]}],"outputs":[{"name":"y"}]}',
];
const mutated = fc
  .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(200), fc.nat(255), fc.boolean()), { maxLength: 3 }))
  .map(([seed, edits]) => {
    const bytes = [...Buffer.from(seed)];
    for (const [at, byte, insert] of edits) bytes.splice(at % bytes.length, insert ? 0 : 1, byte);
    return Buffer.from(bytes);
  });

const body = fc.oneof(
  value.map((made) => Buffer.from(JSON.stringify(made))),
  mutated,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

const headers = fc.constantFrom<Record<string, string>>(
  {},
  { 'content-type': 'application/octet-stream', 'inference-header-content-length': '0' },
  { 'content-type': 'application/octet-stream', 'inference-header-content-length': '40' },
  { 'content-encoding': 'gzip' },
  { 'x-request-timeout-ms': '1e3' },
);

test('no request is answered with a failure of the server, or leaves a lease behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, headers, async (url, payload, extra) => {
      const { statusCode, body: answer } = await app.inject({ method: 'POST', url, payload, headers: extra });
      assert.ok(statusCode === 200 || (statusCode >= 400 && statusCode < 500), `${statusCode} ${answer}`);
      if (statusCode !== 200) assert.match((JSON.parse(answer) as { error: string }).error, /\S/);
      assert.equal(service.leases, 0);
    }),
    { numRuns: 1500 },
  );
  assert.deepEqual(logged, []);
});
