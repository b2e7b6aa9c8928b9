import { invalidArgument } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { SharedMemory, SharedPart } from '../shared-memory/shared-memory.js';
import type { SharedSpan } from '../shared-memory/shared-object.js';
import { outputSpec } from '../signature-lookup.js';
import { booleanParameter, countParameter, own, type Parameters } from './parameters.js';
import { sharedPart } from './shared-tensor.js';

/** An output that was asked for by name, and the form it is wanted in. */
export interface OutputRequest {
  readonly name: string;
  /** Absent where the request as a whole decides. */
  readonly binary: boolean | undefined;
  /** How many of the highest scores are wanted as labels instead of the tensor itself. */
  readonly classes: number | undefined;
  readonly isBase64: boolean;
  /** Where the tensor is written instead of into the answer. */
  readonly shared?: SharedPart & { readonly span: SharedSpan };
}

/** Throws INVALID_ARGUMENT where the model has no such output, or it cannot be given so. */
export function outputRequest(
  name: string,
  parameters: Parameters,
  signature: ModelSignature,
  sharedMemory: SharedMemory,
): OutputRequest {
  const { dataType } = outputSpec(signature, name);
  const subject = `output "${name}": `;
  const classes = countParameter(parameters, 'classification', subject) || undefined;
  if (classes !== undefined && (dataType === 'BYTES' || dataType === 'BOOL')) {
    throw invalidArgument(`${subject}classification needs scores, the output is ${dataType}`);
  }
  const part = sharedPart(parameters, subject);
  return {
    name,
    ...(part && { shared: { ...part, span: sharedMemory.locate(part, `output "${name}"`) } }),
    binary: booleanParameter(parameters, 'binary_data', subject),
    classes,
    isBase64: dataType === 'BYTES' && own(parameters, 'content_type') === 'base64',
  };
}

/** Throws INVALID_ARGUMENT where an output is asked for twice. */
export function requireDistinct(outputs: readonly OutputRequest[]): void {
  const names = new Set<string>();
  const twice = outputs.find(({ name }) => names.size === names.add(name).size);
  if (twice !== undefined) throw invalidArgument(`output "${twice.name}" is asked for twice`);
}
