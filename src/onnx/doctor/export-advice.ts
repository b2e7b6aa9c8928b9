import { type Dimension, formatShape } from '../../core/tensor-spec.js';
import type { ModelFile } from '../model-file.js';

interface FixedInput {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

type Advice = (input: FixedInput) => string;

/** The shape with another first size, as the framework writes a free one. */
const freed = ({ shape }: FixedInput, free: string): string => formatShape([free, ...shape.slice(1)]);

const advice: readonly (readonly [RegExp, Advice])[] = [
  [/ultralytics/i, () => 'export with model.export(format="onnx", dynamic=True)'],
  [
    /torch/i,
    ({ name }) => `export with torch.onnx.export(…, input_names=["${name}"], dynamic_axes={"${name}": {0: "batch"}})`,
  ],
  [
    /tf2onnx|tensorflow/i,
    (input) => `convert with tf2onnx --inputs "${input.name}${freed(input, '-1').replaceAll(' ', '')}"`,
  ],
  [/keras/i, () => 'leave batch_size out of keras.Input and convert again'],
  [
    /skl2onnx|onnxmltools/i,
    (input) => `convert with initial_types=[("${input.name}", FloatTensorType(${freed(input, 'None')}))]`,
  ],
  [/paddle/i, (input) => `export with input_spec=[paddle.static.InputSpec(${freed(input, 'None')})]`],
  [/matlab/i, () => 'export with exportONNXNetwork(net, file, BatchSize=[])'],
  [
    /mxnet/i,
    (input) =>
      `export with dynamic=True, dynamic_input_shapes=[(${freed(input, 'None').slice(1, -1)})] in mx.onnx.export_model`,
  ],
];

/** How to free the batch axis where the model is exported, for the framework that the file names, and in the file. */
export function freeBatchAdvice({ outline }: ModelFile, input: FixedInput): string {
  const { producerName, properties } = outline;
  const origin = [properties.get('author'), producerName].join(' ');
  const known = advice.find(([framework]) => framework.test(origin));
  const line = known?.[1](input) ?? `export it with the input shape ${freed(input, 'batch')}`;
  return `${line}; in a file at hand, onnx.tools.update_model_dims.update_inputs_outputs_dims names the axis`;
}
