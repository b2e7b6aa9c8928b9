import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cosine, shownAnswer } from '../../page/answers.js';
import { formOf } from '../../page/form.js';
import type { TensorFacts } from '../../page/model-facts.js';
import { fieldsRequest, padRequest, textRequest } from '../../page/requests.js';
import { timeParts } from '../../page/server-timing.js';
import { canBeShared, fragmentOf, placeOf } from '../../page/share.js';
import { trafficOf } from '../../page/traffic.js';

const tensor = (facts: Partial<TensorFacts>): TensorFacts => ({
  name: 'x',
  kind: 'decimal',
  type: 'DT_FLOAT',
  shape: [-1, 4],
  isOptional: false,
  description: undefined,
  classLabels: undefined,
  features: undefined,
  ...facts,
});
const bodyOf = ({ body }: { readonly body: string | Blob }): unknown => JSON.parse(body as string);

describe('the form that suits a model', () => {
  const worlds: readonly (readonly [string, string | undefined, readonly Partial<TensorFacts>[], string])[] = [
    ['numbers of a row', undefined, [{}], 'fields'],
    ['a number a row', undefined, [{ shape: [-1] }], 'fields'],
    ['several inputs', undefined, [{}, { name: 'y', kind: 'truth', shape: [-1] }], 'fields'],
    ['optional inputs are left out', undefined, [{}, { name: 'y', shape: [-1, 9, 9, 9], isOptional: true }], 'fields'],
    ['more numbers than one types', undefined, [{ shape: [-1, 65] }], 'json'],
    ['rows of any length', undefined, [{ shape: [-1, -1] }], 'json'],
    ['no rows', undefined, [{ shape: [3, 4] }], 'json'],
    ['an unknown rank', undefined, [{ shape: undefined }], 'json'],
    ['no inputs', undefined, [], 'json'],
    ['a text', undefined, [{ kind: 'text', shape: [-1] }], 'text'],
    ['small grey pictures', undefined, [{ shape: [-1, 28, 28] }], 'pad'],
    ['with an axis for colour', undefined, [{ shape: [-1, 1, 28, 28] }], 'pad'],
    ['coloured ones', undefined, [{ shape: [-1, 3, 28, 28] }], 'json'],
    ['a task of texts', 'rerank', [{ name: 'text', kind: 'text', shape: [-1] }], 'text'],
    ['a task of pictures', 'object-detection', [{ name: 'image', kind: 'text', shape: [-1] }], 'picture'],
  ];
  for (const [name, task, inputs, kind] of worlds)
    test(name, () => assert.equal(formOf({ task, inputs: inputs.map(tensor) }).kind, kind));
});

test('a row has what was typed, numbers where they are numbers', () => {
  const inputs = [tensor({ shape: [-1, 2] }), tensor({ name: 'y', kind: 'text', shape: [-1] })];
  assert.deepEqual(bodyOf(fieldsRequest('m', inputs, { x: ['1.5', 'much'], y: ['7'] })), {
    instances: [{ x: [1.5, 'much'], y: '7' }],
  });
  assert.deepEqual(bodyOf(fieldsRequest('m', [tensor({ shape: [-1] })], { x: ['2'] })), { instances: [2] });
  assert.equal(fieldsRequest('a b', [], {}).path, 'v1/models/a%20b/predict');
});

test('a drawing has the shape of its input', () => {
  const ink = [0, 0.5, 1, 0.25];
  assert.deepEqual(bodyOf(padRequest('m', tensor({ shape: [-1, 2, 2] }), ink, 16)), {
    instances: [
      [
        [0, 8],
        [16, 4],
      ],
    ],
  });
  assert.deepEqual(bodyOf(padRequest('m', tensor({ shape: [-1, 1, 2, 2] }), ink, 1)), {
    instances: [
      [
        [
          [0, 0.5],
          [1, 0.25],
        ],
      ],
    ],
  });
});

test('texts are asked about as their task has it', () => {
  const ask = (task: string, second: string) => bodyOf(textRequest('m', { task, text: 'a', second }));
  assert.deepEqual(ask('rerank', 'b\n\nc'), {
    instances: [
      { text: 'a', text_pair: 'b' },
      { text: 'a', text_pair: 'c' },
    ],
  });
  assert.deepEqual(ask('text-embedding', ''), { instances: ['a'] });
  assert.deepEqual(ask('text-embedding', 'b'), { instances: ['a', 'b'] });
  assert.deepEqual(ask('text-classification', 'b'), {
    instances: [{ text: 'a', text_pair: 'b' }],
    parameters: { top_k: 10 },
  });
});

describe('an answer in pictures', () => {
  const shown = (task: string | undefined, predictions: unknown, outputs: readonly TensorFacts[] = []) =>
    shownAnswer({ task, outputs }, JSON.stringify({ predictions }));

  test('scores with their labels, the best first', () => {
    const outputs = [tensor({ name: 'p', classLabels: ['a', 'b'] }), tensor({ name: 'n' })];
    assert.deepEqual(shown(undefined, [{ p: [0.2, 0.8], n: 3 }], outputs), [
      {
        kind: 'labels',
        name: 'p',
        labels: [
          { label: 'b', score: 0.8 },
          { label: 'a', score: 0.2 },
        ],
      },
      { kind: 'value', name: 'n', value: '3' },
    ]);
    assert.deepEqual(shown(undefined, [[0.2, 0.8]], outputs.slice(0, 1)).length, 1);
  });
  test('one label, or a list of them', () => {
    const one = { kind: 'labels', name: 'label', labels: [{ label: 'a', score: 1 }] };
    assert.deepEqual(shown('text-classification', [{ label: 'a', score: 1 }]), [one]);
    assert.deepEqual(shown('image-classification', [{ label: ['a'], score: [1] }]), [one]);
  });
  test('the likeness of two vectors', () => {
    assert.deepEqual(
      shown('text-embedding', [
        [1, 0],
        [0, 2],
      ]),
      [{ kind: 'similarity', value: 0, dimensions: 2 }],
    );
    assert.equal(cosine([1, 1], [2, 2]).toFixed(6), '1.000000');
    assert.equal(cosine([0, 0], [1, 1]), 0);
  });
  test('nothing, where it is no answer by rows', () => {
    assert.deepEqual(shownAnswer({ task: undefined, outputs: [] }, '{"outputs": [1]}'), []);
    assert.deepEqual(shownAnswer({ task: undefined, outputs: [] }, 'no JSON'), []);
  });
});

test('a link brings its request again, whatever stands in it', () => {
  const body = '{"instances": ["a&b=c#d ü €"]}';
  assert.deepEqual(placeOf(fragmentOf('a/b', body)), { model: 'a/b', body });
  assert.deepEqual(placeOf('#/models/iris'), { model: 'iris', body: undefined });
  for (const other of ['', '#', '#/models/', '#/models/%E0%A4%A']) assert.equal(placeOf(other).model, undefined);
  assert.equal(canBeShared('x'.repeat(6001)), false);
});

test('the parts of the time come to the whole', () => {
  const parts = timeParts('prepare;dur=2.5, queue;dur=0.5, batch;dur=3, compute;dur=2', 10);
  assert.deepEqual(
    parts.map(({ name, ms }) => [name, ms]),
    [
      ['prepare', 2.5],
      ['queue', 0.5],
      ['run', 3],
      ['rest', 4],
    ],
  );
  assert.deepEqual(timeParts(null, 7), [{ name: 'rest', ms: 7 }]);
});

test('traffic is what was added between two looks', () => {
  const samples = [
    { atMs: 0, requests: 10, ns: 0 },
    { atMs: 2000, requests: 14, ns: 8e6 },
    { atMs: 4000, requests: 1, ns: 1e6 },
  ];
  assert.deepEqual(trafficOf(samples), [
    { requests: 2, ms: 2 },
    { requests: 0, ms: 0 },
  ]);
});
