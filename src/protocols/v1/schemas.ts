import {
  anything,
  integer,
  type JsonSchema,
  list,
  number,
  object,
  oneOf,
  record,
  reference,
  text,
  truth,
} from '../http/json-schema.js';

const tensorText =
  'Numbers, booleans or strings, nested as the shape says; a string may also come as `{"b64": "…"}`. NaN, Infinity and -Infinity are taken where floats are, 64-bit integers beyond 2^53 as integers or as strings of digits.';

const signature_name = text({ description: 'May be left out: a model has one signature, whatever it is called.' });
const parameters = object({}, { optional: { non_finite: oneOf(['null', 'token', 'string']) } });

const predictRequest = object(
  {},
  {
    $id: 'PredictRequest',
    description: 'Exactly one of `instances` and `inputs`.',
    optional: {
      signature_name,
      instances: list(anything(), {
        minItems: 1,
        description: `Row form: one item a row, which is the value for a model with one input, else an object that names the inputs. ${tensorText}`,
      }),
      inputs: anything({
        description: `Column form: the whole tensor for a model with one input, else an object that names the inputs. ${tensorText}`,
      }),
      parameters,
    },
  },
);

const predictResponse = object(
  {},
  {
    $id: 'PredictResponse',
    description: 'Floats are the shortest text that reads back to the same value of their type.',
    optional: {
      predictions: list(anything(), {
        description:
          'For `instances`: one item a row, the value where the model has one output, else an object that names them.',
      }),
      outputs: anything({
        description: 'For `inputs`: the whole tensor where the model has one output, else an object that names them.',
      }),
    },
  },
);

const examplesRequest = object(
  { examples: list(anything(), { minItems: 1, description: 'Objects, feature (input) name → value.' }) },
  {
    $id: 'ExamplesRequest',
    optional: {
      signature_name,
      context: record(anything(), { description: 'Features of every example.' }),
      parameters,
    },
  },
);

const classifyResponse = object(
  {
    results: list(list(list(anything(), { description: '`[label, score]`' })), {
      description: 'For each example every class, in the order of the model.',
    }),
  },
  { $id: 'ClassifyResponse' },
);

const regressResponse = object(
  { results: list(number(), { description: 'A value an example.' }) },
  { $id: 'RegressResponse' },
);

const state = oneOf(['START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END']);

const modelList = object(
  {
    models: list(
      object(
        { name: text(), versions: list(text(), { description: 'Ascending.' }), state },
        {
          optional: {
            labels: record(text(), { description: 'Label → version.' }),
            reason: text({ description: 'Why it does not serve, or why its newest file does not.' }),
          },
        },
      ),
    ),
    object: text({ description: "`list`, as OpenAI's clients expect it." }),
    data: list(object({ id: text(), object: text(), created: integer(), owned_by: text() }), {
      description: 'The same models, for those clients.',
    }),
  },
  { $id: 'ModelList' },
);

const modelStatus = object(
  {
    name: text(),
    ready: truth({ description: 'Whether a version serves.' }),
    model_version_status: list(
      object(
        { version: text(), state, status: object({ error_code: text(), error_message: text() }) },
        { optional: { labels: list(text()) } },
      ),
    ),
  },
  {
    $id: 'ModelStatus',
    optional: { problem: text({ description: 'Why the model as a whole cannot be used.' }) },
  },
);

const tensorInfo = object(
  {
    dtype: text({ description: 'As TensorFlow names types: DT_FLOAT, DT_INT64, DT_STRING, …' }),
    tensor_shape: object({
      dim: list(object({ size: text({ description: '-1 where free.' }), name: text() })),
      unknown_rank: truth(),
    }),
    name: text(),
  },
  {
    $id: 'TensorInfo',
    optional: {
      optional: truth({ description: 'The model has a default of its own.' }),
      class_labels: list(anything(), { description: 'Names of the positions of the last axis.' }),
      description: text(),
    },
  },
);

const tensorInfos = record(reference('TensorInfo'));

const modelMetadata = object(
  {
    model_spec: object({ name: text(), signature_name: text(), version: text() }),
    metadata: object({
      signature_def: object({
        signature_def: object({
          serving_default: object({ inputs: tensorInfos, outputs: tensorInfos, method_name: text() }),
        }),
      }),
    }),
    model_info: record(anything(), {
      description:
        "What the model's file says about itself, its labels, how requests are batched, its instances, what was changed to make it servable (`rewrites`), and what runs of so many rows were measured to cost, in milliseconds; `task`, what its files say that it does, as `model.json` takes it.",
    }),
  },
  { $id: 'ModelMetadata' },
);

/** Components of the API's description, each added to the server by its `$id`. */
export const v1Schemas: readonly JsonSchema[] = [
  predictRequest,
  predictResponse,
  examplesRequest,
  classifyResponse,
  regressResponse,
  modelList,
  modelStatus,
  tensorInfo,
  modelMetadata,
];
