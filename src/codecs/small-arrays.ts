import { type DataType, elementBytes } from '../core/data-type.js';
import { allocate, type TensorData, viewOf } from '../core/tensor.js';

const slabBytes = 65_536;
const smallBytes = 4096;
const alignment = 8;

/**
 * Allocates arrays, the small ones side by side in one piece of memory. A small typed array of its own lies inside the
 * JavaScript heap until somebody asks for its bytes, as the way to the engine does, and moving it out then costs several
 * times more than all else that is done with it.
 */
export class SmallArrays {
  #slab = new ArrayBuffer(slabBytes);
  #used = 0;

  /** `length` elements, zeroed; strings: empty ones. */
  allocate(dataType: DataType, length: number): TensorData {
    if (dataType === 'BYTES') return allocate(dataType, length);
    const size = length * elementBytes[dataType];
    if (size > smallBytes) return allocate(dataType, length);
    if (this.#used + size > slabBytes) {
      this.#slab = new ArrayBuffer(slabBytes);
      this.#used = 0;
    }
    const array = viewOf(dataType, this.#slab, this.#used, length);
    this.#used += Math.ceil(size / alignment) * alignment;
    return array;
  }
}
