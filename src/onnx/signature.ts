import { ServingError } from '../core/serving-error.js';
import type { Dimension, ModelSignature, TensorSpec } from '../core/tensor-spec.js';
import { dataTypeOf } from './element-type.js';
import type { GraphIo } from './rewrite/graph-io.js';
import { formatValueType } from './value-type.js';

export interface SignatureIo {
  readonly inputs: readonly GraphIo[];
  readonly outputs: readonly GraphIo[];
}

/** What clients are told about the inputs and outputs of a graph, all of which are tensors that the engine takes and gives. */
export const signatureOf = ({ inputs, outputs }: SignatureIo): ModelSignature => ({
  inputs: inputs.map(specOf),
  outputs: outputs.map(specOf),
});

function specOf(io: GraphIo): TensorSpec {
  const { name, type, description, classLabels, isMap, defaultValue, values, modelDataType } = io;
  const dataType = type.kind === 'tensor' ? dataTypeOf(type.elementType) : undefined;
  if (type.kind !== 'tensor' || dataType === undefined) {
    throw new ServingError('INTERNAL', `"${name}" of type ${formatValueType(type)} was left in the signature`);
  }
  return {
    name,
    dataType,
    shape: type.shape === null ? null : type.shape.map(withoutPlaceholder),
    ...(defaultValue !== undefined && { optional: true, defaultValue }),
    ...(classLabels !== undefined && { classLabels }),
    ...(isMap === true && { isMap }),
    ...(values !== undefined && { range: values }),
    ...(modelDataType !== undefined && { modelDataType }),
    ...(description !== '' && { description }),
  };
}

/** Names that exporters give to every free dimension alike, so that equal names mean nothing. */
const placeholders: ReadonlySet<string> = new Set(['None', '?', '-1', '*']);

const withoutPlaceholder = (size: Dimension): Dimension =>
  typeof size === 'string' && placeholders.has(size) ? null : size;
