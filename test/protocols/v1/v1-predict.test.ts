import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Tensor } from '../../../src/core/tensor.js';
import type { PuppetModel } from '../puppet-service.js';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after });

const post = async (url: string, payload: string): Promise<string> => {
  const answer = await app.inject({ method: 'POST', url, payload });
  return answer.body;
};

/** A line of words, the request and the whole answer. */
const table: readonly [about: string, path: string, body: string, answer: string][] = [
  [
    'an item may name the one input',
    '/v1/models/echo-fp32/predict',
    '{"instances":[{"x":[1,2]},{"x":[3,4]}]}',
    '{"predictions":[[1.0,2.0],[3.0,4.0]]}',
  ],
  [
    'items name several inputs, and several outputs come as objects',
    '/v1/models/pair/predict',
    '{"instances":[{"number":[1.5],"word":["a"]},{"word":["b"],"number":[2]}]}',
    '{"predictions":[{"double":[3.0],"word_bytes":[{"b64":"YQ=="}]},{"double":[4.0],"word_bytes":[{"b64":"Yg=="}]}]}',
  ],
  [
    'a single value will do for a column of width 1',
    '/v1/models/pair/predict',
    '{"instances":[{"number":1,"word":"a"},{"number":2,"word":"b"}]}',
    '{"predictions":[{"double":[2.0],"word_bytes":[{"b64":"YQ=="}]},{"double":[4.0],"word_bytes":[{"b64":"Yg=="}]}]}',
  ],
  [
    'column form of several inputs',
    '/v1/models/pair:predict',
    '{"inputs":{"number":[[1],[2]],"word":["a","b"]}}',
    '{"outputs":{"double":[[2.0],[4.0]],"word_bytes":[[{"b64":"YQ=="}],[{"b64":"Yg=="}]]}}',
  ],
  [
    'an output that is a map from labels is written as one, a row each',
    '/v1/models/species/predict',
    '{"instances":[[1,2,3,4],[1,2,3,4]]}',
    String.raw`{"predictions":[{"setosa":0.1,"versi\"color":0.7,"7":0.2},{"setosa":0.1,"versi\"color":0.7,"7":0.2}]}`,
  ],
  [
    'so it is in column form',
    '/v1/models/species/predict',
    '{"inputs":[[1,2,3,4]]}',
    String.raw`{"outputs":[{"setosa":0.1,"versi\"color":0.7,"7":0.2}]}`,
  ],
  [
    'an input that is a map is taken as objects, what they lack as zero',
    '/v1/models/house/predict',
    '{"instances":[{"width":2,"height":1.5},{"city=Oslo":1,"city=Paris":1}]}',
    '{"predictions":[[1.5,2.0,0.0],[0.0,0.0,1.0]]}',
  ],
  [
    'so it is under its name',
    '/v1/models/house/predict',
    '{"instances":[{"x":{"width":2}}]}',
    '{"predictions":[[0.0,2.0,0.0]]}',
  ],
  [
    'and in column form',
    '/v1/models/house/predict',
    '{"inputs":{"x":[{"width":2},{}]}}',
    '{"outputs":[[0.0,2.0,0.0],[0.0,0.0,0.0]]}',
  ],
  [
    'a row of a map may be its columns',
    '/v1/models/house/predict',
    '{"instances":[[1,2,3]]}',
    '{"predictions":[[1.0,2.0,3.0]]}',
  ],
  [
    'an optional input may be left out',
    '/v1/models/biased/predict',
    '{"instances":[[1,2]]}',
    '{"predictions":[[1.0,2.0]]}',
  ],
  [
    'an optional input may be given',
    '/v1/models/biased/predict',
    '{"inputs":{"x":[[1,2]],"bias":[3]}}',
    '{"outputs":[[1.0,2.0]]}',
  ],
  [
    'what is missing in a float input is null, and read as NaN',
    '/v1/models/echo-fp32/predict?non_finite=token',
    '{"instances":[{"x":[null,1]},{"x":[2,null]}]}',
    '{"predictions":[[NaN,1.0],[2.0,NaN]]}',
  ],
  [
    'an empty axis hides the sizes behind it, which the model knows: row form',
    '/v1/models/past/predict',
    '{"instances":[[[],[]],[[],[]]]}',
    '{"predictions":[[2,2,0,4],[2,2,0,4]]}',
  ],
  [
    'an empty axis hides the sizes behind it, which the model knows: column form',
    '/v1/models/past/predict',
    '{"inputs":{"past":[[[],[]]]}}',
    '{"outputs":[[1,2,0,4]]}',
  ],
  [
    'a past that is not empty says its shape itself',
    '/v1/models/past/predict',
    '{"inputs":[[[[1,2,3,4]],[[5,6,7,8]]]]}',
    '{"outputs":[[1,2,1,4]]}',
  ],
  [
    'a version by number',
    '/v1/models/echo-fp32/versions/1/predict',
    '{"instances":[[1,2]]}',
    '{"predictions":[[1.0,2.0]]}',
  ],
  [
    'a version by label',
    '/v1/models/flower/labels/stable:predict',
    '{"instances":[[1,2,3,4]]}',
    '{"predictions":[{"label":"versicolor","probabilities":[0.1,0.7,0.2]}]}',
  ],
  [
    'the signature may be named',
    '/v1/models/echo-fp32:predict',
    '{"signature_name":"serving_default","instances":[[1,2]]}',
    '{"predictions":[[1.0,2.0]]}',
  ],
  [
    'what is not known is left alone',
    '/v1/models/echo-fp32:predict',
    '{"instances":[[1,2]],"more":{"a":[1,"b"]}}',
    '{"predictions":[[1.0,2.0]]}',
  ],
  [
    'NaN as token, by query',
    '/v1/models/echo-fp32/predict?non_finite=token',
    '{"instances":[[NaN,-Infinity]]}',
    '{"predictions":[[NaN,-Infinity]]}',
  ],
  [
    'NaN as string, by parameter',
    '/v1/models/echo-fp32/predict',
    '{"instances":[[NaN,-Infinity]],"parameters":{"non_finite":"string"}}',
    '{"predictions":[["NaN","-Infinity"]]}',
  ],
  [
    'a slash at the end of the path',
    '/v1/models/echo-fp32/predict/',
    '{"instances":[[1,2]]}',
    '{"predictions":[[1.0,2.0]]}',
  ],
  [
    'classify pairs labels and scores in the order of the model',
    '/v1/models/flower:classify',
    '{"examples":[{"x":[1,2,3,4]},{"x":[5,6,7,8]}]}',
    '{"results":[[["setosa",0.1],["versicolor",0.7],["virginica",0.2]],[["setosa",0.1],["versicolor",0.7],["virginica",0.2]]]}',
  ],
  [
    'regress gives a number an example',
    '/v1/models/price:regress',
    '{"examples":[{"rooms":3},{"rooms":4}]}',
    '{"results":[3.0,4.0]}',
  ],
  [
    "the context holds every example's features",
    '/v1/models/price:regress',
    '{"context":{"rooms":7},"examples":[{"rooms":3},{}]}',
    '{"results":[3.0,7.0]}',
  ],
];

for (const [about, path, body, answer] of table) {
  test(`v1: ${about}`, async () => assert.equal(await post(path, body), answer));
}

test('the server decides how NaN is written where the request does not', async (context) => {
  const server = await startTestServer(context, { config: { nonFinite: 'string' } });
  const answer = await server.app.inject({
    method: 'POST',
    url: '/v1/models/echo-fp32/predict',
    payload: '{"instances":[[NaN,1]]}',
  });
  assert.equal(answer.body, '{"predictions":[["NaN",1.0]]}');
});

test('only the output that is needed is computed for classify', async (context) => {
  const { app: server, service } = await startTestServer(context);
  await server.inject({ method: 'POST', url: '/v1/models/flower:classify', payload: '{"examples":[{"x":[1,2,3,4]}]}' });
  assert.deepEqual(service.requests[0]?.outputs, ['probabilities']);
});

test('a model whose output is one value for all rows has no number an example', async (context) => {
  const { app: server } = await startTestServer(context, {
    models: [
      {
        name: 'total',
        signature: {
          inputs: [{ name: 'x', dataType: 'FP32', shape: ['batch', 1] }],
          outputs: [{ name: 'sum', dataType: 'FP32', shape: ['n'] }],
        },
        compute: () => [{ name: 'sum', dataType: 'FP32', shape: [1], data: Float32Array.of(3) }],
      },
    ],
  });
  const payload = '{"examples":[{"x":1},{"x":2}]}';
  const { statusCode, body } = await server.inject({ method: 'POST', url: '/v1/models/total:regress', payload });
  assert.equal(statusCode, 400);
  assert.match(body, /output \\"sum\\" has shape \[1\], which is not a number a row for 2 examples/);
});

const odd = (name: string, shape: readonly [number, number]): PuppetModel => ({
  name,
  signature: {
    inputs: [{ name: 'x', dataType: 'FP32', shape: ['batch', 1] }],
    outputs: [
      { name: 'y', dataType: 'FP32', shape: ['batch', 1] },
      { name: 'odd', dataType: 'FP32', shape: ['batch', null], isMap: true, classLabels: ['a', 'b'] },
    ],
  },
  compute: (inputs) => [
    { ...(inputs.get('x') as Tensor), name: 'y' },
    { name: 'odd', dataType: 'FP32', shape, data: new Float32Array(shape[0] * shape[1]) },
  ],
});

test('of several outputs, one that is not a row for each row sent is named; one of other columns than its labels is no map', async (context) => {
  const models = [odd('short', [1, 2]), odd('narrow', [2, 1])];
  const { app: own } = await startTestServer(context, { models });
  const answers = ['short', 'narrow'].map(async (name) => {
    const answer = await own.inject({
      method: 'POST',
      url: `/v1/models/${name}/predict`,
      payload: '{"instances":[1,2]}',
    });
    return answer.body;
  });
  const [short, narrow] = await Promise.all(answers);
  assert.match(short ?? '', /output \\"odd\\" has shape \[1, 2\], which is not one value a row for 2 rows/);
  assert.equal(narrow, '{"predictions":[{"y":[1.0],"odd":[0.0]},{"y":[2.0],"odd":[0.0]}]}');
});
