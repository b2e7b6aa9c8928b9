import type { DataType } from '../../core/data-type.js';
import type { ServableDescription } from '../../core/model.js';
import type { DeclaredTensor, ModelConfig, VersionPolicy } from '../../core/model-config.js';
import { type TensorSpec, wireShape } from '../../core/tensor-spec.js';
import { platform } from './model-metadata.js';

const configTypes = {
  BOOL: 'TYPE_BOOL',
  UINT8: 'TYPE_UINT8',
  UINT16: 'TYPE_UINT16',
  UINT32: 'TYPE_UINT32',
  UINT64: 'TYPE_UINT64',
  INT8: 'TYPE_INT8',
  INT16: 'TYPE_INT16',
  INT32: 'TYPE_INT32',
  INT64: 'TYPE_INT64',
  FP16: 'TYPE_FP16',
  BF16: 'TYPE_BF16',
  FP32: 'TYPE_FP32',
  FP64: 'TYPE_FP64',
  BYTES: 'TYPE_STRING',
} as const satisfies Record<DataType, string>;

/**
 * `GET …/config`: Triton's ModelConfig, with the fields that its clients look for. `max_batch_size` is the rows that a
 * request may bring; how many of them share a run is this server's affair.
 */
export function modelConfig(description: ServableDescription): object {
  const { id, signature, instances, config, fileName, maxRequestRows } = description;
  const maxBatchSize = rowsLieFirst(description) ? maxRequestRows : 0;
  const tensorConfigs = (specs: readonly TensorSpec[], declared: readonly DeclaredTensor[] = []) =>
    specs.map((spec) =>
      tensorConfig(
        spec,
        maxBatchSize > 0,
        declared.find(({ name }) => name === spec.name),
      ),
    );
  return {
    name: id.name,
    platform,
    backend: 'onnxruntime',
    runtime: '',
    version_policy: versionPolicy(config.versionPolicy),
    max_batch_size: maxBatchSize,
    input: tensorConfigs(signature.inputs, config.tensors?.inputs).map((tensor) => ({
      format: 'FORMAT_NONE',
      ...tensor,
    })),
    output: tensorConfigs(signature.outputs, config.tensors?.outputs),
    batch_input: [],
    batch_output: [],
    optimization: {
      priority: 'PRIORITY_DEFAULT',
      input_pinned_memory: { enable: false },
      output_pinned_memory: { enable: false },
      gather_kernel_buffer_threshold: 0,
      eager_batching: false,
    },
    ...(maxBatchSize > 0 && { dynamic_batching: dynamicBatching(config) }),
    instance_group: [
      {
        name: id.name,
        kind: 'KIND_CPU',
        count: instances,
        gpus: [],
        secondary_devices: [],
        profile: [],
        passive: false,
        host_policy: '',
      },
    ],
    default_model_filename: fileName ?? 'model.onnx',
    cc_model_filenames: {},
    metric_tags: {},
    parameters: parametersOf(description),
    model_warmup: [],
  };
}

/** Whether the first axis of every input and output is the rows', as Triton's batch axis is. */
function rowsLieFirst({ batching, signature, config }: ServableDescription): boolean {
  if (config.batching === 'off' || config.tensors?.batchAxis === 'none' || batching.kind === 'fixed') return false;
  const tensors = [...signature.inputs, ...signature.outputs];
  if (tensors.some(({ shape }) => shape === null || shape.length === 0)) return false;
  if (batching.kind === 'none' && batching.pending !== true) return false;
  const { axes } = batching;
  if (axes === undefined) return batching.kind === 'dynamic';
  return (
    signature.inputs.every(({ name }) => axes.inputs.get(name) === 0) &&
    signature.outputs.every(({ name }) => axes.outputs.get(name) === 0)
  );
}

/** `dims` leave the batch axis out where `max_batch_size` stands for it; Triton wants at least one. */
function tensorConfig(
  { name, dataType, shape, optional }: TensorSpec,
  isBatched: boolean,
  declared: DeclaredTensor | undefined,
): object {
  const own = shape === null ? [-1] : wireShape(isBatched ? shape.slice(1) : shape);
  const reshape = own.length === 0 ? { reshape: { shape: [] } } : {};
  return {
    name,
    data_type: configTypes[dataType],
    ...(declared?.format !== undefined && { format: declared.format }),
    dims: own.length === 0 ? [1] : own,
    ...reshape,
    is_shape_tensor: false,
    ...(optional === true && { optional }),
  };
}

function versionPolicy(policy: VersionPolicy): object {
  switch (policy.kind) {
    case 'latest':
      return { latest: { num_versions: policy.count } };
    case 'all':
      return { all: {} };
    case 'specific':
      return { specific: { versions: policy.versions } };
  }
}

const dynamicBatching = ({ preferredBatchSizes = [], maxQueueDelayMs = 0 }: ModelConfig): object => ({
  preferred_batch_size: preferredBatchSizes,
  max_queue_delay_microseconds: Math.round(maxQueueDelayMs * 1000),
  preserve_ordering: false,
  priority_levels: 0,
  default_priority_level: 0,
  priority_queue_policy: {},
});

/** Those of `config.pbtxt`, and why requests run one at a time where they do. */
function parametersOf({ config, batching }: ServableDescription): object {
  const own = { ...config.parameters, ...(batching.kind === 'none' && { not_batched: batching.reason }) };
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [key, { string_value: value }]));
}
