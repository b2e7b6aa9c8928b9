import { describeTask } from '../../core/describe-task.js';
import type { ServableDescription } from '../../core/model.js';
import { type TensorSpec, wireShape } from '../../core/tensor-spec.js';

/** What the Open Inference Protocol calls models in this format. */
export const platform = 'onnx_onnxv1';

/** `GET /v2/models/{name}`; what the protocol has no field for stands under `properties` and `parameters`. */
export const modelMetadata = ({
  id,
  signature,
  versions,
  metadata,
  labels,
  rewrites = [],
  task,
}: ServableDescription): object => ({
  name: id.name,
  versions: versions.map(String),
  platform,
  inputs: signature.inputs.map(tensorMetadata),
  outputs: signature.outputs.map(tensorMetadata),
  properties: {
    version: String(id.version),
    labels,
    ...metadata,
    ...(rewrites.length > 0 && { rewrites }),
    ...(task && { task: describeTask(task) }),
  },
});

function tensorMetadata({
  name,
  dataType,
  shape,
  optional,
  classLabels,
  modelDataType,
  description,
}: TensorSpec): object {
  const parameters = {
    ...(shape === null && { unknown_rank: true }),
    ...(optional === true && { optional }),
    ...(classLabels !== undefined && { class_labels: classLabels }),
    ...(modelDataType !== undefined && { model_datatype: modelDataType }),
    ...(description !== undefined && { description }),
  };
  return {
    name,
    datatype: dataType,
    shape: shape === null ? [-1] : wireShape(shape),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}
