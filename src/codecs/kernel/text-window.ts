import { kernel } from './kernel.js';

/** A text the kernel is to look at. */
export interface KernelText {
  readonly bytes: Uint8Array;
  /** Tells this text from any other, also from a later one in the same memory. */
  readonly key: object;
}

/** No token that the kernel deals with is longer; it may also look 64 bytes at once. */
const enough = 1024;
/** A copy of fewer bytes is faster in a loop. */
const fewBytes = 96;

/** The part of a text that lies in the kernel's memory, followed by a zero. */
class TextWindow {
  #key: object | undefined;
  #start = 0;
  /** Index in the text after the last byte shown. */
  end = 0;

  /** Makes the text from `at` on visible: to its end, or a good part of it. Returns the address of `at`. */
  show(text: KernelText, at: number): number {
    const { bytes, key } = text;
    const isThere = key === this.#key && at >= this.#start && (this.end === bytes.length || this.end - at >= enough);
    if (!isThere) this.#load(bytes, key, at);
    return kernel.input + at - this.#start;
  }

  /** The index in the text of what lies at `address`. */
  indexOf(address: number): number {
    return this.#start + address - kernel.input;
  }

  /** The address after the last byte shown. */
  get endAddress(): number {
    return kernel.input + this.end - this.#start;
  }

  #load(bytes: Uint8Array, key: object, at: number): void {
    const { memory, input, inputSize } = kernel;
    const length = Math.min(bytes.length - at, inputSize);
    if (length <= fewBytes) for (let i = 0; i < length; i++) memory[input + i] = bytes[at + i] as number;
    else memory.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), input);
    memory[input + length] = 0;
    this.#key = key;
    this.#start = at;
    this.end = at + length;
  }
}

export const textWindow = new TextWindow();
