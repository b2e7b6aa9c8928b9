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

const modelNames = object({ models: list(text()) }, { $id: 'ModelNames' });

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
    optional: {
      properties: record(anything(), {
        description: "What the model's file says about itself, and what was changed to make it servable (`rewrites`).",
      }),
    },
  },
);

const tensorConfig = object(
  {
    name: text(),
    data_type: text({ description: 'TYPE_FP32, TYPE_STRING, …' }),
    dims: list(integer(), { description: 'Without the batch axis where max_batch_size is above 0.' }),
  },
  {
    optional: {
      format: text({ description: 'Of inputs: FORMAT_NONE, or as `config.pbtxt` says.' }),
      reshape: object({ shape: list(integer()) }, { description: 'What the model takes or gives in place of `dims`.' }),
      is_shape_tensor: truth(),
      optional: truth(),
    },
  },
);

const modelConfig = object(
  {
    name: text(),
    platform: text(),
    backend: text(),
    max_batch_size: integer({
      description: 'Rows that a request may bring; 0 where the first axis is not that of rows.',
    }),
    input: list(tensorConfig),
    output: list(tensorConfig),
    instance_group: list(object({ count: integer(), kind: text() })),
  },
  {
    $id: 'ModelConfig',
    optional: {
      runtime: text(),
      version_policy: record(anything()),
      batch_input: list(anything()),
      batch_output: list(anything()),
      optimization: record(anything()),
      dynamic_batching: record(anything()),
      default_model_filename: text(),
      cc_model_filenames: record(anything()),
      metric_tags: record(anything()),
      parameters: record(object({ string_value: text() }), {
        description: 'As `config.pbtxt` has them; `not_batched` says why requests run one at a time, where they do.',
      }),
      model_warmup: list(anything()),
    },
  },
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

const traceSettings = record(anything(), {
  $id: 'TraceSettings',
  description: 'As Triton has them: nothing is traced.',
});

const logSettings = record(anything(), { $id: 'LogSettings', description: 'As Triton has them.' });

const regionPlace = {
  key: text({ description: 'Name of a POSIX shared memory object, as `shm_open` takes it.' }),
  byte_size: integer({ minimum: 1 }),
};
const regionOffset = integer({ minimum: 0, description: 'Where the region begins in the object.' });

const sharedMemoryRegion = object(regionPlace, { $id: 'SharedMemoryRegion', optional: { offset: regionOffset } });

const sharedMemoryRegions = list(object({ name: text(), offset: regionOffset, ...regionPlace }), {
  $id: 'SharedMemoryRegions',
});

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
  modelNames,
  traceSettings,
  logSettings,
  sharedMemoryRegion,
  sharedMemoryRegions,
  modelReady,
  tensorMetadata,
  modelMetadata,
  modelConfig,
  duration,
  modelStatistics,
  repositoryIndexRequest,
  repositoryIndex,
];
