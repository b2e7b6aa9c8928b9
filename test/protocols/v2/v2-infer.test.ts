import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after });

const infer = async (model: string, body: string, query = ''): Promise<string> =>
  (await app.inject({ method: 'POST', url: `/v2/models/${model}/infer${query}`, payload: body })).body;

const flower = '{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}';
const echo = '{"name":"x","shape":[1,2],"datatype":"FP32","data":[NaN,2]}';
const words = (parameters: string, data: string) =>
  `{"name":"x","shape":[1,2],"datatype":"BYTES",${parameters}"data":${data}}`;

test('all outputs come in the order of the model', async () => {
  assert.equal(
    await infer('flower', `{"inputs":[${flower}]}`),
    '{"model_name":"flower","model_version":"1","outputs":[{"name":"label","datatype":"BYTES","shape":[1],"data":["versicolor"]},{"name":"probabilities","datatype":"FP32","shape":[1,3],"data":[0.1,0.7,0.2]}]}',
  );
});

test('outputs that are asked for come in the order of the request, and the id with them', async () => {
  assert.equal(
    await infer(
      'flower',
      `{"id":"a \\"b\\"","inputs":[${flower}],"outputs":[{"name":"probabilities"},{"name":"label"}]}`,
    ),
    '{"model_name":"flower","model_version":"1","id":"a \\"b\\"","outputs":[{"name":"probabilities","datatype":"FP32","shape":[1,3],"data":[0.1,0.7,0.2]},{"name":"label","datatype":"BYTES","shape":[1],"data":["versicolor"]}]}',
  );
});

test('an empty list of outputs means all of them', async () => {
  assert.equal(
    await infer('flower', `{"inputs":[${flower}],"outputs":[]}`),
    await infer('flower', `{"inputs":[${flower}]}`),
  );
});

test('an optional input may be missing', async () => {
  const body = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}';
  assert.match(await infer('biased', body), /"data":\[1\.0,2\.0\]/);
});

test('strings may come as base64 as a whole', async () => {
  const body = `{"inputs":[${words('"parameters":{"content_type":"base64"},', '[["w6k=","YQ=="]]')}]}`;
  assert.match(await infer('echo-bytes', body), /"data":\["é","a"\]/);
});

test('strings may be wanted as base64', async () => {
  const body = `{"inputs":[${words('', '["é","a"]')}],"outputs":[{"name":"y","parameters":{"content_type":"base64"}}]}`;
  assert.match(await infer('echo-bytes', body), /"parameters":\{"content_type":"base64"\},"data":\["w6k=","YQ=="\]/);
});

test('numbers may come as base64 of their bytes', async () => {
  const b64 = Buffer.from(Float32Array.of(0.5, -1).buffer).toString('base64');
  const body = `{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":{"b64":"${b64}"}}]}`;
  assert.match(await infer('echo-fp32', body), /"data":\[0\.5,-1\.0\]/);
});

test('NaN is written as the request wishes', async () => {
  assert.match(await infer('echo-fp32', `{"inputs":[${echo}]}`), /"data":\[null,2\.0\]/);
  assert.match(await infer('echo-fp32', `{"inputs":[${echo}]}`, '?non_finite=token'), /"data":\[NaN,2\.0\]/);
  const parameters = '"parameters":{"non_finite":"string"}';
  assert.match(await infer('echo-fp32', `{${parameters},"inputs":[${echo}]}`), /"data":\["NaN",2\.0\]/);
});

test('classification gives the highest scores with index and label, highest first', async () => {
  const body = `{"inputs":[${flower}],"outputs":[{"name":"probabilities","parameters":{"classification":2}}]}`;
  assert.match(
    await infer('flower', body),
    /\{"name":"probabilities","datatype":"BYTES","shape":\[1,2\],"data":\["0\.7:1:versicolor","0\.2:2:virginica"\]\}/,
  );
});

test('classification of more classes than there are gives all, without labels where there are none', async () => {
  const body =
    '{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP16","data":[0.25,0.5,NaN,-1]}],"outputs":[{"name":"y","parameters":{"classification":9}}]}';
  assert.match(await infer('echo-fp16', body), /"shape":\[2,2\],"data":\["0\.5:1","0\.25:0","-1\.0:1","NaN:0"\]/);
});

test('parameters that nobody knows are left alone', async () => {
  const body =
    '{"parameters":{"trace":true,"__proto__":1},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"a":[1]}}]}';
  assert.match(await infer('echo-fp32', body), /"data":\[1\.0,2\.0\]/);
});
