import type { DataType } from '../../core/data-type.js';
import type { ServableDescription } from '../../core/model.js';
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

/** `GET …/config`: Triton's ModelConfig, as far as this server has the same settings. */
export function modelConfig({ id, signature, batching, instances }: ServableDescription): object {
  const maxBatchSize = batching.kind === 'dynamic' ? batching.maxBatchSize : 0;
  return {
    name: id.name,
    platform,
    backend: 'onnxruntime',
    max_batch_size: maxBatchSize,
    input: signature.inputs.map((spec) => tensorConfig(spec, maxBatchSize)),
    output: signature.outputs.map((spec) => tensorConfig(spec, maxBatchSize)),
    instance_group: [{ count: instances, kind: 'KIND_CPU' }],
    ...(maxBatchSize > 0 && { dynamic_batching: {} }),
  };
}

/** `dims` leave the batch axis out where `max_batch_size` stands for it. */
function tensorConfig({ name, dataType, shape, optional }: TensorSpec, maxBatchSize: number): object {
  const dims = shape === null ? [-1] : wireShape(maxBatchSize > 0 ? shape.slice(1) : shape);
  return { name, data_type: configTypes[dataType], dims, ...(optional === true && { optional }) };
}
