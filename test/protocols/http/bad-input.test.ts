import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { startTestServer } from '../test-server.js';

interface BadRequest {
  readonly sends: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly method?: 'GET' | 'PATCH' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Record<string, string>;
  readonly status: number;
  /** What the message has to say. */
  readonly says: RegExp;
}

const v1 = '/v1/models/echo-fp32/predict';
const v2 = '/v2/models/echo-fp32/infer';
const pair = '/v1/models/pair/predict';
const tensor = (fields: string): string => `{"inputs":[{${fields}}]}`;
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const malformed: readonly BadRequest[] = [
  { sends: 'JSON that stops', path: v1, body: '{"instances": [[1, 2]', status: 400, says: /line 1.*column 22/ },
  { sends: 'JSON that stops', path: v2, body: '{"inputs": [', status: 400, says: /line 1/ },
  {
    sends: 'JSON with a comma too many',
    path: v1,
    body: '{"instances": [[1,,2]]}',
    status: 400,
    says: /line 1.*column 19/,
  },
  { sends: 'nothing', path: v1, body: '', status: 400, says: /body is empty.*instances/ },
  { sends: 'nothing', path: v2, body: '', status: 400, says: /body is empty.*inputs/ },
  { sends: 'an array', path: v1, body: '[1]', status: 400, says: /body: expected an object/ },
  { sends: 'a number', path: v2, body: '7', status: 400, says: /body: expected an object/ },
  {
    sends: 'invalid UTF-8',
    path: '/v1/models/echo-bytes/predict',
    body: Buffer.from([...Buffer.from('{"instances":[["'), 0xff, ...Buffer.from('","b"]]}')]),
    status: 400,
    says: /UTF-8/,
  },
  { sends: 'deep nesting', path: v1, body: `{"instances": ${deep(100)}}`, status: 400, says: /64/ },
  { sends: 'very deep nesting', path: v1, body: `{"instances": ${deep(40_000)}}`, status: 400, says: /64/ },
  {
    sends: 'a number beyond the range in a row',
    path: v1,
    body: '{"instances": [[1,2],[1e400,0]]}',
    status: 400,
    says: /input "x" at \[1\]\[0\]: 1e400 is beyond the largest FP32.*"Infinity"/,
  },
  {
    sends: 'a number beyond the range in a column',
    path: '/v1/models/echo-fp16/predict',
    body: '{"inputs": {"x": [[1,-65520]]}}',
    status: 400,
    says: /input "x" at \[0\]\[1\]: -65520 is beyond the largest FP16.*"-Infinity"/,
  },
  {
    sends: 'a number beyond the range of FP64',
    path: '/v2/models/echo-fp64/infer',
    body: tensor('"name":"x","shape":[1,2],"datatype":"FP64","data":[[1,1.8e308]]'),
    status: 400,
    says: /input "x" at \[0\]\[1\]: 1.8e308 is beyond the largest FP64/,
  },
  {
    sends: 'data that is null',
    path: v2,
    body: tensor('"name":"x","shape":[1,2],"datatype":"FP32","data":null'),
    status: 400,
    says: /input "x" has no data/,
  },
  {
    sends: 'a __proto__ key',
    path: pair,
    body: '{"instances": [{"__proto__": {"number": 1, "word": "a"}}]}',
    status: 400,
    says: /"__proto__".*"number"/,
  },
  {
    sends: 'a __proto__ key at the top',
    path: v1,
    body: '{"__proto__": {"instances": [[1,2]]}}',
    status: 400,
    says: /has only "__proto__"/,
  },
  {
    sends: 'both forms',
    path: v1,
    body: '{"instances": [[1,2]], "inputs": [[1,2]]}',
    status: 400,
    says: /both "instances" and "inputs"/,
  },
  { sends: 'neither form', path: v1, body: '{"instance": [[1,2]]}', status: 400, says: /only "instance".*"instances"/ },
  {
    sends: 'no instance',
    path: v1,
    body: '{"instances": []}',
    status: 400,
    says: /instances: expected one item or more/,
  },
  {
    sends: 'a single value as instances',
    path: v1,
    body: '{"instances": 1}',
    status: 400,
    says: /instances: expected an array/,
  },
  {
    sends: 'a signature that is no name',
    path: v1,
    body: '{"signature_name": 7, "instances": [[1,2]]}',
    status: 400,
    says: /signature_name: expected a string/,
  },
  {
    sends: 'a wrong non_finite',
    path: `${v1}?non_finite=x`,
    body: '{"instances": [[1,2]]}',
    status: 400,
    says: /non_finite.*"null".*"x"/,
  },
  {
    sends: 'inputs that are no array',
    path: v2,
    body: '{"inputs": {"x": 1}}',
    status: 400,
    says: /inputs: expected an array/,
  },
  {
    sends: 'an id that is a number',
    path: v2,
    body: '{"id": 1, "inputs": []}',
    status: 400,
    says: /id: expected a string/,
  },
];

const wrongValues: readonly BadRequest[] = [
  {
    sends: 'a string for a float',
    path: v1,
    body: '{"instances": [[1, "a"]]}',
    status: 400,
    says: /input "x" at \[0\]\[1\]: expected a number \(FP32\), got the string "a"/,
  },
  {
    sends: 'a string for a float',
    path: v2,
    body: tensor('"name":"x","shape":[1,2],"datatype":"FP32","data":[1,"a"]'),
    status: 400,
    says: /input "x" at \[1\]: expected a number/,
  },
  {
    sends: 'true for a float',
    path: v1,
    body: '{"instances": [[1, true]]}',
    status: 400,
    says: /expected a number \(FP32\), got true/,
  },
  {
    sends: 'null',
    path: '/v1/models/echo-int64/predict',
    body: '{"instances": [[1, null]]}',
    status: 400,
    says: /got null/,
  },
  {
    sends: 'a number for a bool',
    path: '/v1/models/echo-bool/predict',
    body: '{"instances": [[1, 0]]}',
    status: 400,
    says: /expected true or false \(BOOL\), got the number 1/,
  },
  {
    sends: 'a number for a string',
    path: '/v1/models/echo-bytes/predict',
    body: '{"instances": [[1, "a"]]}',
    status: 400,
    says: /expected a string/,
  },
  {
    sends: '1.0 for an integer',
    path: '/v1/models/echo-int32/predict',
    body: '{"instances": [[1.0, 2]]}',
    status: 400,
    says: /input "x" at \[0\]\[0\]: expected an integer \(INT32\), got the number 1\.0/,
  },
  {
    sends: 'an integer out of range',
    path: '/v1/models/echo-int8/predict',
    body: '{"instances": [[128, 0]]}',
    status: 400,
    says: /128 is out of the range of INT8, -128 to 127/,
  },
  {
    sends: 'an integer out of range',
    path: '/v2/models/echo-uint8/infer',
    body: tensor('"name":"x","shape":[1,2],"datatype":"UINT8","data":[-1,0]'),
    status: 400,
    says: /-1 is out of the range of UINT8, 0 to 255/,
  },
  {
    sends: 'an int64 out of range',
    path: '/v1/models/echo-int64/predict',
    body: '{"instances": [[9223372036854775808, 0]]}',
    status: 400,
    says: /9223372036854775808 is out of the range/,
  },
  {
    sends: 'bad base64',
    path: '/v1/models/echo-bytes/predict',
    body: '{"instances": [[{"b64": "???"}, "a"]]}',
    status: 400,
    says: /base64/,
  },
  {
    sends: 'a ragged array',
    path: v1,
    body: '{"instances": [[1, 2], [3]]}',
    status: 400,
    says: /input "x" at \[1\]: ragged/,
  },
  { sends: 'rows of different depth', path: v1, body: '{"instances": [[1, 2], 3]}', status: 400, says: /ragged/ },
  {
    sends: 'the wrong rank',
    path: v1,
    body: '{"instances": [[[1, 2]]]}',
    status: 400,
    says: /input "x".*2 dimensions, got 3.*FP32\[batch, 2\]/,
  },
  {
    sends: 'the wrong width',
    path: v1,
    body: '{"instances": [[1, 2, 3]]}',
    status: 400,
    says: /input "x": expected 2 in dimension 1, got 3/,
  },
  {
    sends: 'the wrong width',
    path: v2,
    body: tensor('"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]'),
    status: 400,
    says: /input "x": expected 2 in dimension 1, got 3/,
  },
  {
    sends: 'rows for a scalar',
    path: '/v1/models/scalar/predict',
    body: '{"instances": [1]}',
    status: 400,
    says: /instances: the model takes no rows \(no batch axis\).*"inputs"/,
  },
  {
    sends: 'rows to a model that answers without them',
    path: '/v1/models/wide/predict',
    body: '{"instances": [[1,2,3]]}',
    status: 400,
    says: /the model takes no rows \(its output has no batch axis\).*"inputs"/,
  },
];

const wrongNames: readonly BadRequest[] = [
  {
    sends: 'an unknown input',
    path: pair,
    body: '{"instances": [{"numbr": 1, "word": "a"}]}',
    status: 400,
    says: /no input "numbr" \(did you mean "number"\?\)/,
  },
  {
    sends: 'an unknown input',
    path: pair,
    body: '{"inputs": {"numbr": [[1]], "word": [["a"]]}}',
    status: 400,
    says: /no input "numbr" \(did you mean "number"\?\)/,
  },
  {
    sends: 'an unknown input',
    path: v2,
    body: tensor('"name":"z","shape":[1,2],"datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /no input "z"; its inputs are "x" FP32\[batch, 2\]/,
  },
  {
    sends: 'an input too few',
    path: pair,
    body: '{"instances": [{"number": 1, "word": "a"}, {"number": 2}]}',
    status: 400,
    says: /instances\[1\]: input "word" is missing/,
  },
  {
    sends: 'an input too few',
    path: pair,
    body: '{"inputs": {"number": [[1]]}}',
    status: 400,
    says: /input "word" is missing.*BYTES\[batch, 1\]/,
  },
  {
    sends: 'an input too few',
    path: v2,
    body: '{"inputs": []}',
    status: 400,
    says: /input "x" is missing.*FP32\[batch, 2\]/,
  },
  {
    sends: 'an input too many',
    path: pair,
    body: '{"instances": [{"number": 1, "word": "a"}, {"number": 2, "word": "b", "c": 3}]}',
    status: 400,
    says: /no input "c"/,
  },
  {
    sends: 'an input twice',
    path: v2,
    body: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}',
    status: 400,
    says: /"x" is given twice/,
  },
  {
    sends: 'values without names for two inputs',
    path: pair,
    body: '{"instances": [1]}',
    status: 400,
    says: /object that names the model's inputs, "number" FP32\[batch, 1\], "word" BYTES\[batch, 1\]/,
  },
  {
    sends: 'a tensor without a name for two inputs',
    path: pair,
    body: '{"inputs": [[1]]}',
    status: 400,
    says: /object that names the model's inputs/,
  },
  {
    sends: 'objects mixed with values',
    path: pair,
    body: '{"instances": [{"number": 1, "word": "a"}, 5]}',
    status: 400,
    says: /instances\[1\]: expected an object/,
  },
  {
    sends: 'an input without a name',
    path: v2,
    body: tensor('"shape":[1,2],"datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /inputs\[0\]\.name: expected a string, got nothing/,
  },
  {
    sends: 'another datatype',
    path: v2,
    body: tensor('"name":"x","shape":[1,2],"datatype":"INT64","data":[1,2]'),
    status: 400,
    says: /input "x": expected datatype "FP32".*"INT64"/,
  },
  {
    sends: 'no datatype',
    path: v2,
    body: tensor('"name":"x","shape":[1,2],"data":[1,2]'),
    status: 400,
    says: /expected datatype "FP32".*nothing/,
  },
  {
    sends: 'no shape',
    path: v2,
    body: tensor('"name":"x","datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /shape: expected an array of sizes.*got nothing/,
  },
  {
    sends: 'no data',
    path: v2,
    body: tensor('"name":"x","shape":[1,2],"datatype":"FP32"'),
    status: 400,
    says: /input "x" has no data/,
  },
  {
    sends: 'a shape that the data does not have',
    path: v2,
    body: tensor('"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /input "x": shape \[2, 2\] needs 4 elements, got 2/,
  },
  {
    sends: 'a negative shape',
    path: v2,
    body: tensor('"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /input "x": shape \[-1, 2\]/,
  },
  {
    sends: 'half a dimension',
    path: v2,
    body: tensor('"name":"x","shape":[1.5,2],"datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /input "x": shape \[1\.5, 2\]/,
  },
  {
    sends: 'a huge shape',
    path: v2,
    body: tensor('"name":"x","shape":[1000000000000,1000000000000],"datatype":"FP32","data":[1,2]'),
    status: 400,
    says: /needs 1e\+24 elements, got 2/,
  },
  {
    sends: 'an unknown output',
    path: v2,
    body: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[{"name":"z"}]}',
    status: 400,
    says: /no output "z"; its outputs are "y"/,
  },
  {
    sends: 'an output twice',
    path: v2,
    body: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[{"name":"y"},{"name":"y"}]}',
    status: 400,
    says: /"y" is asked for twice/,
  },
  {
    sends: 'a priority that is none',
    path: v2,
    body: '{"parameters":{"priority":-1},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}',
    status: 400,
    says: /parameters\.priority: expected a whole number/,
  },
  {
    sends: 'classification of strings',
    path: '/v2/models/echo-bytes/infer',
    body: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","data":["a","b"]}],"outputs":[{"name":"y","parameters":{"classification":1}}]}',
    status: 400,
    says: /output "y": classification needs scores, the output is BYTES/,
  },
  {
    sends: 'a wish for bytes that is neither yes nor no',
    path: v2,
    body: '{"parameters":{"binary_data_output":"yes"},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}',
    status: 400,
    says: /parameters\.binary_data_output: expected true or false, got "yes"/,
  },
  {
    sends: 'a wish for what is ready that is neither yes nor no',
    path: '/v2/repository/index',
    body: '{"ready":"yes"}',
    status: 400,
    says: /ready: expected true or false, got the string "yes"/,
  },
  {
    sends: 'examples for a model without scores',
    path: '/v1/models/price:classify',
    body: '{"examples": [{"rooms": 3}]}',
    status: 400,
    says: /classify needs one output with a score/,
  },
  {
    sends: 'examples for a model without one number',
    path: '/v1/models/flower:regress',
    body: '{"examples": [{"x": [1,2,3,4]}]}',
    status: 400,
    says: /regress needs one output/,
  },
  {
    sends: 'instances where examples belong',
    path: '/v1/models/price:regress',
    body: '{"instances": [{"rooms": 3}]}',
    status: 400,
    says: /no "examples"/,
  },
];

const wrongPlaces: readonly BadRequest[] = [
  {
    sends: 'an unknown model',
    path: '/v1/models/flowr/predict',
    body: '{}',
    status: 404,
    says: /Latest\(flowr\).*did you mean "flower"\?/,
  },
  {
    sends: 'an unknown model',
    path: '/v2/models/half/infer',
    body: '{}',
    status: 404,
    says: /^Request for unknown model: 'half' is not found/,
  },
  {
    sends: 'an unknown version',
    path: '/v1/models/flower/versions/3:predict',
    body: '{}',
    status: 404,
    says: /Specific\(flower, 3\)/,
  },
  {
    sends: 'a version that is no number',
    path: '/v1/models/flower/versions/one:predict',
    body: '{}',
    status: 400,
    says: /version: expected a positive integer, got "one"/,
  },
  { sends: 'version 0', path: '/v2/models/flower/versions/0/infer', body: '{}', status: 400, says: /positive integer/ },
  {
    sends: 'an unknown label',
    path: '/v1/models/flower/labels/canary/predict',
    body: '{}',
    status: 404,
    says: /flower/,
  },
  {
    sends: 'an unknown verb',
    path: '/v1/models/flower:train',
    body: '{}',
    status: 404,
    says: /POST \/v1\/models\/flower:train/,
  },
  {
    sends: 'a path that leaves the folder',
    path: '/v1/models/..%2f..%2fetc%2fpasswd/predict',
    body: '{}',
    status: 404,
    says: /not found/,
  },
  {
    sends: 'a path that leaves the folder',
    path: '/v1/models/%2e%2e/predict',
    body: '{}',
    status: 404,
    says: /no|not/,
  },
  { sends: 'an absolute path', path: '/v2/models/%2Fetc%2Fpasswd/infer', body: '{}', status: 404, says: /not found/ },
  {
    sends: 'a path that was encoded twice',
    path: '/v1/models/%252e%252e/predict',
    body: '{}',
    status: 404,
    says: /%2e%2e/,
  },
  { sends: 'a NUL', path: '/v1/models/iris%00/predict', body: '{}', status: 404, says: /not found/ },
  { sends: 'a broken escape', path: '/v1/models/%zz/predict', body: '{}', status: 400, says: /percent sign/ },
  {
    sends: 'an escape that is not UTF-8',
    path: '/v1/models/%ff/predict',
    body: '{}',
    status: 400,
    says: /percent sign/,
  },
  {
    sends: 'a name without end',
    path: `/v1/models/${'a'.repeat(5000)}/predict`,
    body: '{}',
    status: 404,
    says: /longer than any name/,
  },
  { sends: 'GET', path: v1, method: 'GET', status: 405, says: /use POST/ },
  { sends: 'DELETE', path: '/v2/models/flower', method: 'DELETE', status: 405, says: /use GET, HEAD/ },
  { sends: 'PUT', path: '/v1/models/flower:predict', method: 'PUT', status: 405, says: /use POST/ },
  { sends: 'PATCH', path: '/v1/models/flower/versions/1/predict/', method: 'PATCH', status: 405, says: /use POST/ },
  { sends: 'PUT', path: '/v1/models/flower:divine', method: 'PUT', status: 404, says: /nothing is answered/ },
  { sends: 'to nowhere', path: '/v3/models', method: 'GET', status: 404, says: /GET \/v3\/models/ },
];

const wrongForms: readonly BadRequest[] = [
  {
    sends: 'XML',
    path: v1,
    body: '<a/>',
    headers: { 'content-type': 'application/xml' },
    status: 415,
    says: /application\/json/,
  },
  {
    sends: 'raw bytes to v1',
    path: v1,
    body: 'abc',
    headers: { 'content-type': 'application/octet-stream' },
    status: 400,
    says: /not valid JSON/,
  },
  {
    sends: 'a type that is none',
    path: v1,
    body: '{}',
    headers: { 'content-type': 'json' },
    status: 415,
    says: /application\/json/,
  },
  {
    sends: 'an unknown encoding',
    path: v1,
    body: '{}',
    headers: { 'content-encoding': 'lzma' },
    status: 415,
    says: /"lzma".*gzip/,
  },
  {
    sends: 'gzip that is none',
    path: v1,
    body: '{"instances": [[1,2]]}',
    headers: { 'content-encoding': 'gzip' },
    status: 400,
    says: /cannot be read/,
  },
  {
    sends: 'more than the limit',
    path: v1,
    body: `{"instances": [[${'1,'.repeat(60_000)}1]]}`,
    status: 413,
    says: /larger than 100000 bytes/,
  },
  {
    sends: 'a timeout that is none',
    path: v1,
    body: '{"instances": [[1,2]]}',
    headers: { 'x-request-timeout-ms': 'soon' },
    status: 400,
    says: /x-request-timeout-ms.*"soon"/,
  },
  {
    sends: 'a priority that is none',
    path: v1,
    body: '{"instances": [[1,2]]}',
    headers: { 'x-request-priority': 'high' },
    status: 400,
    says: /x-request-priority: expected a positive integer, got "high"/,
  },
  {
    sends: 'no time at all',
    path: v1,
    body: '{"instances": [[1,2]]}',
    headers: { 'x-request-timeout-ms': '0' },
    status: 400,
    says: /positive number of milliseconds/,
  },
  {
    sends: 'a request to a model that does not serve',
    path: '/v1/models/broken/predict',
    body: '{}',
    status: 503,
    says: /truncated/,
  },
];

const table = [...malformed, ...wrongValues, ...wrongNames, ...wrongPlaces, ...wrongForms];

const { app, service, finished, logged } = await startTestServer({ after });
const threaded = await startTestServer({ after }, { threadsFromBytes: 0 });

for (const { sends, path, body, method = 'POST', headers, status, says } of table) {
  test(`whoever sends ${sends} to ${method} ${path.slice(0, 60)} is told so with a ${status}`, async () => {
    finished.length = 0;
    const request: InjectOptions = { method, url: path, headers: headers ?? {} };
    const answer = await app.inject(body === undefined ? request : { ...request, payload: body });
    const told = answer.json<{ error: string }>();
    assert.match(told.error, says);
    assert.deepEqual(Object.keys(told), ['error']);
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(service.leases, 0);
    assert.deepEqual(logged, []);
    assert.ok(finished.every(({ code }) => code !== 'INTERNAL' && code !== 'OK'));
    const good = await app.inject({ method: 'POST', url: v1, payload: '{"instances": [[1,2]]}' });
    assert.equal(good.body, '{"predictions":[[1.0,2.0]]}');
    const elsewhere = await threaded.app.inject(body === undefined ? request : { ...request, payload: body });
    assert.equal(elsewhere.body, answer.body);
    assert.equal(elsewhere.statusCode, status);
    assert.equal(threaded.service.leases, 0);
  });
}
