import { invalidArgument } from '../core/serving-error.js';
import type { Dimension, ModelSignature, TensorSpec } from '../core/tensor-spec.js';
import { dataTypeOf } from './element-type.js';
import type { DeclaredValue, ModelFile } from './model-file.js';
import { formatValueType } from './value-type.js';

/** Initializers have been inputs of their own right, which a caller may leave out, since this IR version. */
const overridableInitializersSince = 4;

/** The inputs that a caller gives: weights that old files list among the inputs are none. */
export const suppliedInputs = ({ inputs }: ModelFile): readonly DeclaredValue[] =>
  inputs.filter(({ hasInitializer }) => !hasInitializer);

/** Inputs that a caller may give in place of the file's own value. */
export const overridableInputs = ({ inputs, outline }: ModelFile): readonly DeclaredValue[] =>
  outline.irVersion < overridableInitializersSince ? [] : inputs.filter(({ hasInitializer }) => hasInitializer);

/** What clients are told about inputs and outputs. Throws INVALID_ARGUMENT for a type that the engine cannot pass on. */
export function signatureOf(file: ModelFile): ModelSignature {
  return {
    inputs: suppliedInputs(file).map((value) => specOf('input', value)),
    outputs: file.outputs.map((value) => specOf('output', value)),
  };
}

function specOf(role: 'input' | 'output', { name, type, description }: DeclaredValue): TensorSpec {
  const dataType = type.kind === 'tensor' ? dataTypeOf(type.elementType) : undefined;
  if (type.kind !== 'tensor' || dataType === undefined) {
    throw invalidArgument(`${role} "${name}" is of type ${formatValueType(type)}, which cannot be served`);
  }
  return {
    name,
    dataType,
    shape: type.shape === null ? null : type.shape.map(withoutPlaceholder),
    ...(description !== '' && { description }),
  };
}

/** Names that exporters give to every free dimension alike, so that equal names mean nothing. */
const placeholders: ReadonlySet<string> = new Set(['None', '?', '-1', '*']);

const withoutPlaceholder = (size: Dimension): Dimension =>
  typeof size === 'string' && placeholders.has(size) ? null : size;
