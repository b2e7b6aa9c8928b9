import { invalidArgument } from '../../core/serving-error.js';
import { dataTypeOf } from '../element-type.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { formatValueType, type ValueType } from '../value-type.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/**
 * What no rewrite could reach. Outputs are left out as long as others remain.
 * Throws INVALID_ARGUMENT for an input, or when no output remains.
 */
export function leaveOutUnservable(draft: GraphDraft): void {
  const input = draft.inputs.find((io) => !isServable(io));
  if (input !== undefined)
    throw invalidArgument(`input "${input.name}" cannot be served: ${reason(input.type, inputHint)}`);
  const lost = draft.outputs.filter((io) => !isServable(io));
  const [first] = lost;
  if (first !== undefined && lost.length === draft.outputs.length) {
    throw invalidArgument(`output "${first.name}" cannot be served, and there is no other: ${reason(first.type)}`);
  }
  for (const io of lost) draft.leaveOut(io, reason(io.type));
}

/** The same of a file that cannot be rewritten: every input and output has to be servable. */
export function requireServable({ inputs, outputs }: GraphDraft): void {
  const io = [...inputs, ...outputs].find((candidate) => !isServable(candidate));
  if (io === undefined) return;
  throw invalidArgument(
    `"${io.name}" is of type ${formatValueType(io.type)}, and an .ort file cannot be rewritten; ` +
      'serve the .onnx file it was converted from instead',
  );
}

export const isServable = ({ type }: Pick<GraphIo, 'type'>): boolean =>
  type.kind === 'tensor' && dataTypeOf(type.elementType) !== undefined;

const inputHint = 'give it a type where the model is exported';
const outputHint = 'run onnx.shape_inference.infer_shapes over the model and save it again';

function reason(type: ValueType, absentHint = outputHint): string {
  const text = `it is of type ${formatValueType(type)}`;
  switch (type.kind) {
    case 'absent':
      return `the file declares no type for it; ${absentHint}`;
    case 'tensor':
      return `${text}, ${tensorReason(type.elementType)}`;
    case 'sequence':
    case 'optional':
      return `${text}, whose elements have no tensor form here; export the model with tensor inputs and outputs`;
    case 'map':
      return `${text}; export the model so that it gives the values as a tensor`;
    case 'sparse':
      return `${text}; export the model with dense inputs and outputs`;
    case 'opaque':
      return `${text}, which only the software that made it knows`;
  }
}

function tensorReason(type: ElementType): string {
  switch (type) {
    case ElementType.COMPLEX64:
    case ElementType.COMPLEX128:
      return 'and the engine has no complex numbers; export real and imaginary parts as an axis of size 2';
    case ElementType.FLOAT4E2M1:
      return 'which the engine can neither read nor convert on a CPU; export the model with float8 or float16 there';
    default:
      return 'which the engine does not pass on';
  }
}
