import type { DataType } from '../../core/data-type.js';
import { describeTask } from '../../core/describe-task.js';
import type { Batching, RunCost, ServableDescription } from '../../core/model.js';
import type { Dimension, TensorSpec } from '../../core/tensor-spec.js';

/** The types as TensorFlow names them. */
export const tensorFlowTypes = {
  BOOL: 'DT_BOOL',
  UINT8: 'DT_UINT8',
  UINT16: 'DT_UINT16',
  UINT32: 'DT_UINT32',
  UINT64: 'DT_UINT64',
  INT8: 'DT_INT8',
  INT16: 'DT_INT16',
  INT32: 'DT_INT32',
  INT64: 'DT_INT64',
  FP16: 'DT_HALF',
  BF16: 'DT_BFLOAT16',
  FP32: 'DT_FLOAT',
  FP64: 'DT_DOUBLE',
  BYTES: 'DT_STRING',
} as const satisfies Record<DataType, string>;

/** `GET …/metadata`, as TensorFlow Serving's GetModelMetadata; `model_info` and what is known of a tensor are added. */
export function modelMetadata(description: ServableDescription) {
  const { id, signature, metadata, labels, batching, instances, costs = [], rewrites = [], task } = description;
  const servingDefault = {
    inputs: tensorInfos(signature.inputs),
    outputs: tensorInfos(signature.outputs),
    method_name: 'tensorflow/serving/predict',
  };
  return {
    model_spec: { name: id.name, signature_name: '', version: String(id.version) },
    metadata: { signature_def: { signature_def: { serving_default: servingDefault } } },
    model_info: {
      ...metadata,
      labels,
      batching: batchingInfo(batching),
      instances,
      costs: costs.map(rounded),
      ...(rewrites.length > 0 && { rewrites }),
      ...(task && { task: describeTask(task) }),
    },
  };
}

/** Where rows do not lie along axis 0 of everything, or do not share runs, the axis of each input and output that has one. */
function batchingInfo({ axes, ...batching }: Batching): object {
  if (axes === undefined) return batching;
  const { inputs, outputs } = axes;
  return { ...batching, axes: { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) } };
}

/** The size is an average of sizes, too. */
const rounded = (cost: RunCost): RunCost => {
  const ms = Number(cost.ms.toPrecision(3));
  return 'rows' in cost ? { rows: Math.round(cost.rows), ms } : { tokens: Math.round(cost.tokens), ms };
};

const tensorInfos = (specs: readonly TensorSpec[]): object =>
  Object.fromEntries(specs.map((spec) => [spec.name, tensorInfo(spec)]));

const tensorInfo = ({ name, dataType, shape, optional, classLabels, description }: TensorSpec): object => ({
  dtype: tensorFlowTypes[dataType],
  tensor_shape: { dim: (shape ?? []).map(dimension), unknown_rank: shape === null },
  name: `${name}:0`,
  ...(optional === true && { optional }),
  ...(classLabels !== undefined && { class_labels: classLabels }),
  ...(description !== undefined && { description }),
});

const dimension = (size: Dimension): object => ({
  size: typeof size === 'number' ? String(size) : '-1',
  name: typeof size === 'string' ? size : '',
});
