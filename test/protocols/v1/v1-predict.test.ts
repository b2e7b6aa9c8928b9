import assert from 'node:assert/strict';
import { after, test } from 'node:test';
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
    '{"predictions":[[1,2],[3,4]]}',
  ],
  [
    'items name several inputs, and several outputs come as objects',
    '/v1/models/pair/predict',
    '{"instances":[{"number":[1.5],"word":["a"]},{"word":["b"],"number":[2]}]}',
    '{"predictions":[{"double":[3],"word_bytes":[{"b64":"YQ=="}]},{"double":[4],"word_bytes":[{"b64":"Yg=="}]}]}',
  ],
  [
    'a single value will do for a column of width 1',
    '/v1/models/pair/predict',
    '{"instances":[{"number":1,"word":"a"},{"number":2,"word":"b"}]}',
    '{"predictions":[{"double":[2],"word_bytes":[{"b64":"YQ=="}]},{"double":[4],"word_bytes":[{"b64":"Yg=="}]}]}',
  ],
  [
    'column form of several inputs',
    '/v1/models/pair:predict',
    '{"inputs":{"number":[[1],[2]],"word":["a","b"]}}',
    '{"outputs":{"double":[[2],[4]],"word_bytes":[[{"b64":"YQ=="}],[{"b64":"Yg=="}]]}}',
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
    '{"predictions":[[1.5,2,0],[0,0,1]]}',
  ],
  [
    'so it is under its name',
    '/v1/models/house/predict',
    '{"instances":[{"x":{"width":2}}]}',
    '{"predictions":[[0,2,0]]}',
  ],
  [
    'and in column form',
    '/v1/models/house/predict',
    '{"inputs":{"x":[{"width":2},{}]}}',
    '{"outputs":[[0,2,0],[0,0,0]]}',
  ],
  [
    'a row of a map may be its columns',
    '/v1/models/house/predict',
    '{"instances":[[1,2,3]]}',
    '{"predictions":[[1,2,3]]}',
  ],
  [
    'an optional input may be left out',
    '/v1/models/biased/predict',
    '{"instances":[[1,2]]}',
    '{"predictions":[[1,2]]}',
  ],
  [
    'an optional input may be given',
    '/v1/models/biased/predict',
    '{"inputs":{"x":[[1,2]],"bias":[3]}}',
    '{"outputs":[[1,2]]}',
  ],
  [
    'a version by number',
    '/v1/models/echo-fp32/versions/1/predict',
    '{"instances":[[1,2]]}',
    '{"predictions":[[1,2]]}',
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
    '{"predictions":[[1,2]]}',
  ],
  [
    'what is not known is left alone',
    '/v1/models/echo-fp32:predict',
    '{"instances":[[1,2]],"more":{"a":[1,"b"]}}',
    '{"predictions":[[1,2]]}',
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
    '{"predictions":[[1,2]]}',
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
    '{"results":[3,4]}',
  ],
  [
    "the context holds every example's features",
    '/v1/models/price:regress',
    '{"context":{"rooms":7},"examples":[{"rooms":3},{}]}',
    '{"results":[3,7]}',
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
  assert.equal(answer.body, '{"predictions":[["NaN",1]]}');
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
