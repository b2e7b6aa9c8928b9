import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';

/** The inputs' raw bytes behind the JSON, taken in the order in which the inputs are listed. */
export class BinaryTail {
  readonly #bytes: Buffer;
  #taken = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Shares memory with the body. */
  take(size: unknown, subject: string): Buffer {
    const left = this.#bytes.length - this.#taken;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalidArgument(`${subject}: binary_data_size has to be a whole number of bytes, got ${shownValue(size)}`);
    }
    if (size > left) {
      throw invalidArgument(
        `${subject}: binary_data_size says ${size} bytes, ${left} are left behind the JSON; Inference-Header-Content-Length has to be the length of the JSON alone`,
      );
    }
    this.#taken += size;
    return this.#bytes.subarray(this.#taken - size, this.#taken);
  }

  /** Throws INVALID_ARGUMENT where bytes are left that belong to no input. */
  finish(): void {
    const left = this.#bytes.length - this.#taken;
    if (left === 0) return;
    throw invalidArgument(
      `${left} bytes are left over behind the JSON: the inputs' binary_data_size add up to ${this.#taken}, the body holds ${this.#bytes.length}`,
    );
  }
}
