import { bytesOfTensor, requireByteLength, tensorFromBytes } from '../../codecs/raw-tensor.js';
import type { ShapedTarget } from '../../codecs/tensor-target.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { NamedTensor, Tensor } from '../../core/tensor.js';
import type { SharedPart } from '../shared-memory/shared-memory.js';
import { readShared, type SharedSpan, writeShared } from '../shared-memory/shared-object.js';
import { countParameter, own, type Parameters } from './parameters.js';

/** Where a request's tensor lies in shared memory; undefined where it does not. `subject` opens the message of what is wrong. */
export function sharedPart(parameters: Parameters, subject: string): SharedPart | undefined {
  const region = own(parameters, 'shared_memory_region');
  const bytes = countParameter(parameters, 'shared_memory_byte_size', subject);
  const offset = countParameter(parameters, 'shared_memory_offset', subject);
  if (region === undefined && bytes === undefined && offset === undefined) return undefined;
  if (typeof region === 'string' && bytes !== undefined) return { region, bytes, offset: offset ?? 0 };
  throw invalidArgument(
    `${subject}expected parameters.shared_memory_region, a string, and shared_memory_byte_size, got only one of them`,
  );
}

/** A tensor whose raw bytes lie in shared memory, copied from there. */
export function readSharedTensor(span: SharedSpan, target: ShapedTarget): Tensor {
  // Nothing is read that does not fit.
  requireByteLength(span.bytes, target);
  return tensorFromBytes(readShared(span, target.subject), target);
}

/** Writes the output's raw bytes to shared memory; returns the parameters that say so in the answer. */
export function writeSharedTensor(
  output: NamedTensor,
  { region, offset, span }: SharedPart & { span: SharedSpan },
): object {
  const subject = `output "${output.name}"`;
  const bytes = bytesOfTensor(output);
  if (bytes.length > span.bytes) {
    throw invalidArgument(
      `${subject}: shared memory size specified with the request (${span.bytes} bytes) should be at least ${bytes.length} bytes to hold the results`,
    );
  }
  writeShared(span, bytes, subject);
  return {
    shared_memory_region: region,
    ...(offset > 0 && { shared_memory_offset: offset }),
    shared_memory_byte_size: bytes.length,
  };
}
