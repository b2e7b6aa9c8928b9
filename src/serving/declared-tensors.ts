import type { DeclaredTensor, DeclaredTensors } from '../core/model-config.js';
import type { PreparedModel, TensorReshape } from '../core/model-source.js';
import { nearestName } from '../core/nearest-name.js';
import { invalidArgument } from '../core/serving-error.js';
import { type Dimension, formatShape, formatSpec, type ModelSignature, type TensorSpec } from '../core/tensor-spec.js';

/**
 * A model's signature with the inputs and outputs that `config.pbtxt` declares: its sizes narrow the model's free ones, its reshapes
 * are what clients see. `chooses`: only the declared outputs are served. Throws INVALID_ARGUMENT where a tensor is
 * declared otherwise than the model has it, as Triton, too, would not serve the model.
 */
export function withDeclaredTensors(
  signature: ModelSignature,
  { batchAxis, inputs, outputs }: DeclaredTensors,
  chooses: boolean,
): DeclaredModel {
  const declaring = (kind: 'input' | 'output', declared: readonly DeclaredTensor[], specs: readonly TensorSpec[]) => {
    for (const { name } of declared) requireTensor(kind, name, specs);
    return specs.map((spec) => {
      const tensor = declared.find(({ name }) => name === spec.name);
      return tensor === undefined ? { spec } : asDeclared(kind, spec, tensor, batchAxis);
    });
  };
  const servedInputs = declaring('input', inputs, signature.inputs);
  const allOutputs = declaring('output', outputs, signature.outputs);
  const isServed = ({ name }: TensorSpec): boolean => !chooses || outputs.some((output) => output.name === name);
  const servedOutputs = outputs.length === 0 ? allOutputs : allOutputs.filter(({ spec }) => isServed(spec));
  const reshapes = (tensors: readonly Declared[]) =>
    new Map(tensors.flatMap(({ spec, reshape }) => (reshape === undefined ? [] : [[spec.name, reshape] as const])));
  return {
    signature: {
      inputs: servedInputs.map(({ spec }) => spec),
      outputs: servedOutputs.map(({ spec }) => spec),
    },
    reshapes: { inputs: reshapes(servedInputs), outputs: reshapes(allOutputs) },
  };
}

export type DeclaredModel = Pick<PreparedModel, 'signature'> & Required<Pick<PreparedModel, 'reshapes'>>;

interface Declared {
  readonly spec: TensorSpec;
  readonly reshape?: TensorReshape;
}

function requireTensor(kind: string, name: string, specs: readonly TensorSpec[]): void {
  const names = specs.map((spec) => spec.name);
  if (names.includes(name)) return;
  const nearest = nearestName(name, names);
  const known = names.map((one) => `"${one}"`).join(', ');
  const hint = nearest === undefined ? `the model's ${kind}s are ${known}` : `did you mean "${nearest}"?`;
  throw invalidArgument(`config.pbtxt declares the ${kind} "${name}", which the model does not have; ${hint}`);
}

function asDeclared(
  kind: 'input' | 'output',
  spec: TensorSpec,
  tensor: DeclaredTensor,
  batchAxis: DeclaredTensors['batchAxis'],
): Declared {
  const { name, dataType, dims, reshape } = tensor;
  if (dataType !== undefined && dataType !== spec.dataType && dataType !== spec.modelDataType) {
    throw invalidArgument(
      `config.pbtxt declares ${kind} "${name}" as ${dataType}, but the model has ${formatSpec(spec)}`,
    );
  }
  const inModel = reshape ?? dims;
  // Triton, too, finds out by the model whether a batch axis stands before the sizes where nobody says so.
  const hasBatchAxis =
    batchAxis === 'implied' || (batchAxis === 'unknown' && spec.shape?.length === inModel.length + 1);
  const front: readonly null[] = hasBatchAxis ? [null] : [];
  const shape = narrowed(spec.shape, [...front, ...inModel]);
  if (shape === undefined) {
    // Exporters declare the shapes of outputs wrongly as often as not; what clients send has to fit.
    if (kind === 'output') return { spec };
    const implied = hasBatchAxis ? ', with the batch axis that max_batch_size implies' : '';
    throw invalidArgument(
      `config.pbtxt declares ${kind} "${name}" as ${formatShape([...front, ...inModel])}${implied}, but the model has ${formatSpec(spec)}`,
    );
  }
  if (reshape === undefined) return { spec: { ...spec, shape } };
  const batch = hasBatchAxis ? shape.slice(0, 1) : [];
  return { spec: { ...spec, shape: [...batch, ...dims] }, reshape: { hasBatchAxis, inModel, outside: dims } };
}

/** The model's shape, with the declared size where its own is free; undefined where the two contradict each other. */
function narrowed(
  shape: readonly Dimension[] | null,
  declared: readonly (number | null)[],
): readonly Dimension[] | undefined {
  if (shape === null) return declared;
  if (shape.length !== declared.length) return undefined;
  const fits = shape.every((size, axis) => typeof size !== 'number' || (declared[axis] ?? size) === size);
  return fits ? shape.map((size, axis) => (typeof size === 'number' ? size : (declared[axis] ?? size))) : undefined;
}
