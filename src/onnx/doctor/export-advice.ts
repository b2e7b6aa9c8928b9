import type { Dimension } from '../../core/tensor-spec.js';
import { elementTypeName } from '../element-type.js';
import type { ModelFile } from '../model-file.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import type { Finding } from './finding.js';

export interface FixedTensor {
  readonly name: string;
  readonly shape: readonly Dimension[];
  readonly elementType: ElementType;
}

type Advice = Pick<Finding, 'remedy' | 'example'>;
type Example = (inputs: readonly FixedTensor[]) => string;

/** How exporters are told to leave the first axis free, by what their files call themselves. The first that fits. */
const exporters: readonly (readonly [origin: RegExp, Example])[] = [
  [/ultralytics/i, () => 'model.export(format="onnx", dynamic=True)'],
  [/torch/i, forTorch],
  [
    /tf2onnx|tensorflow/i,
    (inputs) => {
      const given = inputs.map((input) => `${input.name}[${freed(input, '-1').join(',')}]`).join(',');
      return `python -m tf2onnx.convert --saved-model DIR --inputs ${quoted(given)} --output model.onnx`;
    },
  ],
  [
    /keras/i,
    (inputs) => inputs.map((input) => `keras.Input(shape=[${freed(input, 'None').slice(1).join(', ')}])`).join('\n'),
  ],
  [/skl2onnx|onnxmltools|onnxconverter/i, forScikitLearn],
  [
    /paddle/i,
    (inputs) => {
      const specs = inputs.map(
        (input) =>
          `paddle.static.InputSpec([${freed(input, 'None').join(', ')}], "${pythonType(input)}", ${quoted(input.name)})`,
      );
      return `paddle.onnx.export(model, "model", input_spec=[${specs.join(', ')}])`;
    },
  ],
  [/matlab/i, () => 'exportONNXNetwork(net, "model.onnx", BatchSize=[])'],
  [
    /mxnet/i,
    (inputs) => {
      const shapes = (first: string) => inputs.map((input) => `(${freed(input, first).join(', ')})`).join(', ');
      return `mx.onnx.export_model(sym, params, [${shapes('1')}], dynamic=True, dynamic_input_shapes=[${shapes('None')}])`;
    },
  ],
];

/**
 * How to free the batch axis of the inputs where the model is exported, for the framework that the file names; else
 * in the file, of the outputs as well.
 */
export function freeBatchAdvice(
  { outline }: ModelFile,
  inputs: readonly FixedTensor[],
  outputs: readonly FixedTensor[],
): Advice {
  const { producerName, properties } = outline;
  const origin = `${properties.get('author') ?? ''} ${producerName}`;
  const exporter = exporters.find(([known]) => known.test(origin));
  if (exporter !== undefined) return { remedy: 'export it with a free first axis:', example: exporter[1](inputs) };
  const remedy =
    'export it with a free first axis; or name the axis in the file, and see whether the graph keeps to it:';
  return { remedy, example: inTheFile([...inputs, ...outputs].map(({ name }) => quoted(name))) };
}

const inTheFile = (names: readonly string[]): string => `import onnx
model = onnx.load("model.onnx")
for value in [*model.graph.input, *model.graph.output]:
    if value.name in [${names.join(', ')}]:
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
onnx.save(model, "model.onnx")`;

function forTorch(inputs: readonly FixedTensor[]): string {
  const names = inputs.map(({ name }) => quoted(name)).join(', ');
  const axes = inputs.map(({ name }) => `${quoted(name)}: {0: "batch"}`).join(', ');
  return `torch.onnx.export(model, example, "model.onnx", input_names=[${names}], dynamic_axes={${axes}})`;
}

function forScikitLearn(inputs: readonly FixedTensor[]): string {
  const types = inputs.map((input) => {
    return `(${quoted(input.name)}, ${scikitLearnType(input)}([${freed(input, 'None').join(', ')}]))`;
  });
  return `convert_sklearn(model, initial_types=[${types.join(', ')}])`;
}

/** As Python and shells quote, near enough: names with quotes in them are rare. */
const quoted = (text: string): string => JSON.stringify(text);

/** The sizes with another first one, as the framework writes a free one. */
const freed = ({ shape }: FixedTensor, free: string): readonly string[] => [
  free,
  ...shape.slice(1).map((size) => (typeof size === 'number' ? String(size) : free)),
];

const scikitLearnType = ({ elementType }: FixedTensor): string =>
  ({
    [ElementType.DOUBLE]: 'DoubleTensorType',
    [ElementType.INT64]: 'Int64TensorType',
    [ElementType.INT32]: 'Int32TensorType',
    [ElementType.STRING]: 'StringTensorType',
    [ElementType.BOOL]: 'BooleanTensorType',
  })[elementType as number] ?? 'FloatTensorType';

const pythonType = ({ elementType }: FixedTensor): string =>
  ({ [ElementType.FLOAT]: 'float32', [ElementType.DOUBLE]: 'float64' })[elementType as number] ??
  elementTypeName(elementType);
