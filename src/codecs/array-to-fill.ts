import { type DataType, elementBytes } from '../core/data-type.js';
import { allocate, type TensorData, viewOf } from '../core/tensor.js';

/**
 * An array of `length` elements with anything in it: all of them are to be filled. Small ones lie in the platform's
 * buffer pool. A small typed array of its own lies inside the JavaScript heap until somebody asks for its bytes, as the
 * way to the engine does, and moving it out then costs several times more than everything else that is done with it.
 */
export function arrayToFill(dataType: DataType, length: number): TensorData {
  if (dataType === 'BYTES') return allocate(dataType, length);
  const size = length * elementBytes[dataType];
  if (size >= Buffer.poolSize >>> 1) return allocate(dataType, length);
  const { buffer, byteOffset } = Buffer.allocUnsafe(size);
  return byteOffset % elementBytes[dataType] === 0
    ? viewOf(dataType, buffer, byteOffset, length)
    : allocate(dataType, length);
}
