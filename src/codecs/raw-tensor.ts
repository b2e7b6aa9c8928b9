import { elementBytes } from '../core/data-type.js';
import { invalidArgument } from '../core/serving-error.js';
import { isStrings, type NumericData, type Tensor, viewOf } from '../core/tensor.js';
import { decodeBytesElements, encodeBytesElements } from './bytes-elements.js';
import { expectedElements, type ShapedTarget } from './tensor-target.js';

// Raw tensors are little-endian; so is every platform the engine is built for.

/**
 * A tensor from its raw bytes: row-major, little-endian, BOOL one byte, BYTES as length and text, repeated.
 * Numeric data shares memory with `bytes` where these are aligned to the element's size.
 */
export function tensorFromBytes(bytes: Uint8Array, target: ShapedTarget): Tensor {
  const { subject, dataType, shape } = target;
  const count = expectedElements(target);
  if (dataType === 'BYTES') {
    const data = decodeBytesElements(bytes, subject, target.content);
    if (data.length === count) return { dataType, shape, data };
    throw invalidArgument(
      `${subject}: shape [${shape.join(', ')}] needs ${count} elements, the bytes hold ${data.length}`,
    );
  }
  requireByteLength(bytes.length, target);
  if (dataType === 'BOOL') checkBooleans(bytes, subject);
  return { dataType, shape, data: numericView(bytes, dataType, count) };
}

/** Throws INVALID_ARGUMENT where a tensor of numbers cannot have so many bytes; BYTES may have any number. */
export function requireByteLength(length: number, target: ShapedTarget): void {
  const { subject, dataType, shape } = target;
  if (dataType === 'BYTES') return;
  const needed = expectedElements(target) * elementBytes[dataType];
  if (length === needed) return;
  throw invalidArgument(`${subject}: ${dataType} of shape [${shape.join(', ')}] needs ${needed} bytes, got ${length}`);
}

/** The tensor's raw bytes, sharing memory with numeric data. */
export function bytesOfTensor({ data }: Pick<Tensor, 'data'>): Uint8Array {
  return isStrings(data) ? encodeBytesElements(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function numericView(bytes: Uint8Array, dataType: keyof typeof elementBytes, count: number): NumericData {
  const aligned = bytes.byteOffset % elementBytes[dataType] === 0 ? bytes : new Uint8Array(bytes);
  return viewOf(dataType, aligned.buffer, aligned.byteOffset, count);
}

function checkBooleans(bytes: Uint8Array, subject: string): void {
  const at = bytes.findIndex((byte) => byte > 1);
  if (at >= 0) throw invalidArgument(`${subject}: BOOL takes bytes 0 and 1, got ${bytes[at]} at [${at}]`);
}
