import { dataTypes } from '../../core/data-type.js';
import {
  anything,
  integer,
  type JsonSchema,
  list,
  object,
  oneOf,
  record,
  reference,
  text,
  truth,
} from '../http/json-schema.js';

const serverMetadata = object({ name: text(), version: text(), extensions: list(text()) }, { $id: 'ServerMetadata' });

const modelReady = object(
  { name: text(), ready: truth() },
  { $id: 'ModelReady', optional: { error: text({ description: 'Why it is not.' }) } },
);

const tensorMetadata = object(
  { name: text(), datatype: oneOf(dataTypes), shape: list(integer(), { description: '-1 where free.' }) },
  {
    $id: 'TensorMetadata',
    optional: {
      parameters: record(anything(), {
        description: '`class_labels`, `optional`, `description`, `unknown_rank` where they apply.',
      }),
    },
  },
);

const modelMetadata = object(
  {
    name: text(),
    versions: list(text(), { description: 'Those that serve now.' }),
    platform: text(),
    inputs: list(reference('TensorMetadata')),
    outputs: list(reference('TensorMetadata')),
  },
  {
    $id: 'InferModelMetadata',
    optional: { properties: record(anything(), { description: "What the model's file says about itself." }) },
  },
);

const tensorConfig = object(
  {
    name: text(),
    data_type: text({ description: 'TYPE_FP32, TYPE_STRING, …' }),
    dims: list(integer(), { description: 'Without the batch axis where max_batch_size is above 0.' }),
  },
  { optional: { optional: truth() } },
);

const modelConfig = object(
  {
    name: text(),
    platform: text(),
    backend: text(),
    max_batch_size: integer({ description: 'Rows in one run; 0 where requests are not batched.' }),
    input: list(tensorConfig),
    output: list(tensorConfig),
    instance_group: list(object({ count: integer(), kind: text() })),
  },
  { $id: 'ModelConfig', optional: { dynamic_batching: object({}) } },
);

const duration = object({ count: integer(), ns: integer() }, { $id: 'StatisticDuration' });
const durations = (...names: readonly string[]): Record<string, JsonSchema> =>
  Object.fromEntries(names.map((name) => [name, reference('StatisticDuration')]));
const computeDurations = durations('compute_input', 'compute_infer', 'compute_output');

const modelStatistics = object(
  {
    model_stats: list(
      object({
        name: text(),
        version: text(),
        last_inference: integer({ description: 'Unix time in milliseconds; 0 before the first.' }),
        inference_count: integer({ description: 'Rows.' }),
        execution_count: integer({ description: 'Runs of the engine.' }),
        inference_stats: object({
          ...durations('success', 'fail', 'queue', 'cache_hit', 'cache_miss'),
          ...computeDurations,
        }),
        batch_stats: list(object({ batch_size: integer(), ...computeDurations })),
      }),
    ),
  },
  { $id: 'ModelStatistics' },
);

const repositoryIndexRequest = object(
  {},
  { $id: 'RepositoryIndexRequest', optional: { ready: truth({ description: 'Only what is ready.' }) } },
);

const repositoryIndex = list(
  object({
    name: text(),
    version: text(),
    state: oneOf(['READY', 'UNAVAILABLE', 'LOADING', 'UNLOADING']),
    reason: text(),
  }),
  { $id: 'RepositoryIndex' },
);

/** Components of the API's description but those of inference, each added to the server by its `$id`. */
export const v2Schemas: readonly JsonSchema[] = [
  serverMetadata,
  modelReady,
  tensorMetadata,
  modelMetadata,
  modelConfig,
  duration,
  modelStatistics,
  repositoryIndexRequest,
  repositoryIndex,
];
