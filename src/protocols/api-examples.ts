/** A request for a model that comes with this program, and the answer to it. */
export interface ApiExample {
  readonly name: string;
  readonly summary: string;
  /** The operation that it is an example of. */
  readonly operationId: string;
  readonly path: string;
  /** Sent by POST; absent for GET. */
  readonly body?: unknown;
  /** Numbers are those of one machine: others may differ in the last digits. */
  readonly response: unknown;
}

const setosa = [5.1, 3.5, 1.4, 0.2];
const virginica = [6.7, 3, 5.2, 2.3];
const patient = [54, 2, 36.1, 115, 163, 98.4, 43, 4, 4.6821, 101];
const seven = [
  [0, 0, 2, 13, 16, 9, 0, 0],
  [0, 0, 12, 12, 7, 16, 3, 0],
  [0, 1, 14, 3, 0, 16, 4, 0],
  [0, 0, 0, 4, 10, 16, 6, 0],
  [0, 0, 0, 13, 16, 16, 9, 0],
  [0, 0, 0, 5, 13, 1, 0, 0],
  [0, 0, 0, 11, 9, 0, 0, 0],
  [0, 0, 1, 16, 4, 0, 0, 0],
];
const flowers = { name: 'measurements', shape: [2, 4], datatype: 'FP32', data: [...setosa, ...virginica] };

/** Every one of them is asked and compared by a test. */
export const apiExamples: readonly ApiExample[] = [
  {
    name: 'two-flowers',
    summary: 'Row form: one item a row, several outputs',
    operationId: 'predictLabelPath',
    path: '/v1/models/iris/labels/stable/predict',
    body: { instances: [setosa, virginica] },
    response: {
      predictions: [
        { label: 'setosa', probabilities: [0.9780903, 0.021908825, 8.8050905e-7] },
        { label: 'virginica', probabilities: [0.00016185577, 0.046905775, 0.9529323] },
      ],
    },
  },
  {
    name: 'one-flower',
    summary: 'Row form',
    operationId: 'predictVersionPath',
    path: '/v1/models/iris/versions/2/predict',
    body: { instances: [setosa] },
    response: { predictions: [{ label: 'setosa', probabilities: [0.9985288, 0.0014705883, 0] }] },
  },
  {
    name: 'a-seven',
    summary: 'An image, one output',
    operationId: 'predictPath',
    path: '/v1/models/digits/predict',
    body: { instances: [seven] },
    response: {
      predictions: [
        [
          1.7339573e-8, 9.517749e-10, 0.0000017256284, 2.7238022e-7, 0.000056071007, 1.5544946e-10, 5.037893e-12,
          0.9998981, 0.000043458673, 3.8012806e-7,
        ],
      ],
    },
  },
  {
    name: 'column-form',
    summary: 'Column form: whole tensors by name',
    operationId: 'predict',
    path: '/v1/models/diabetes:predict',
    body: { inputs: { features: [patient] } },
    response: { outputs: [261.2356] },
  },
  {
    name: 'species',
    summary: 'Scores with their labels',
    operationId: 'classify',
    path: '/v1/models/iris:classify',
    body: { examples: [{ measurements: setosa }] },
    response: {
      results: [
        [
          ['setosa', 0.9985288],
          ['versicolor', 0.0014705883],
          ['virginica', 0],
        ],
      ],
    },
  },
  {
    name: 'progression',
    summary: 'A number an example',
    operationId: 'regress',
    path: '/v1/models/diabetes:regress',
    body: { examples: [{ features: patient }] },
    response: { results: [261.2356] },
  },
  {
    name: 'iris-status',
    summary: 'Two versions, each with its label',
    operationId: 'modelStatus',
    path: '/v1/models/iris',
    response: {
      name: 'iris',
      ready: true,
      model_version_status: [
        { version: '2', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' }, labels: ['canary'] },
        { version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' }, labels: ['stable'] },
      ],
    },
  },
  {
    name: 'two-flowers',
    summary: 'Every output, with the id of the request',
    operationId: 'infer',
    path: '/v2/models/iris/infer',
    body: { id: '42', inputs: [flowers] },
    response: {
      model_name: 'iris',
      model_version: '2',
      id: '42',
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [2], data: ['setosa', 'virginica'] },
        {
          name: 'probabilities',
          datatype: 'FP32',
          shape: [2, 3],
          data: [0.9985288, 0.0014705883, 0, 0, 0.025369827, 0.9746296],
        },
      ],
    },
  },
  {
    name: 'one-output',
    summary: 'Only the output that is asked for',
    operationId: 'inferVersion',
    path: '/v2/models/iris/versions/1/infer',
    body: { inputs: [flowers], outputs: [{ name: 'label' }] },
    response: {
      model_name: 'iris',
      model_version: '1',
      outputs: [{ name: 'label', datatype: 'BYTES', shape: [2], data: ['setosa', 'virginica'] }],
    },
  },
  {
    name: 'text',
    summary: 'Text in, the most probable label out',
    operationId: 'infer',
    path: '/v2/models/greeting-language/infer',
    body: {
      inputs: [{ name: 'text', shape: [2], datatype: 'BYTES', data: ['Good morning, everybody', 'ありがとう'] }],
      outputs: [{ name: 'label' }],
    },
    response: {
      model_name: 'greeting-language',
      model_version: '1',
      outputs: [{ name: 'label', datatype: 'BYTES', shape: [2], data: ['English', 'Japanese'] }],
    },
  },
  {
    name: 'ready',
    summary: 'It serves',
    operationId: 'modelReady',
    path: '/v2/models/greeting-language/ready',
    response: { name: 'greeting-language', ready: true },
  },
  {
    name: 'ready',
    summary: 'Yes',
    operationId: 'serverReady',
    path: '/v2/health/ready',
    response: { ready: true },
  },
  {
    name: 'what-serves',
    summary: 'Only what is ready',
    operationId: 'repositoryIndex',
    path: '/v2/repository/index',
    body: { ready: true },
    response: [
      { name: 'diabetes', version: '1', state: 'READY', reason: '' },
      { name: 'digits', version: '1', state: 'READY', reason: '' },
      { name: 'greeting-language', version: '1', state: 'READY', reason: '' },
      { name: 'iris', version: '2', state: 'READY', reason: '' },
      { name: 'iris', version: '1', state: 'READY', reason: '' },
      { name: 'shapes', version: '1', state: 'READY', reason: '' },
    ],
  },
];
