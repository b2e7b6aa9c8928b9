import { isFrameLength } from './frame-layout.js';

/**
 * Cuts a stream of chunks into frames. A frame that lies whole and aligned in one chunk is handed out where it lies;
 * any other is gathered in memory of its own, each byte copied once.
 */
export class FrameAssembler {
  readonly #onFrame: (frame: Uint8Array) => void;
  readonly #length = new Uint8Array(4);
  readonly #lengthWord = new Uint32Array(this.#length.buffer);
  /** Bytes known of a length that the chunks cut in two. */
  #lengthKnown = 0;
  #partial: Uint8Array | undefined;
  #filled = 0;

  constructor(onFrame: (frame: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** The chunk's memory passes to the frames. Throws when the stream is not one of frames. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#partial === undefined) at = this.#startFrame(chunk, at);
      else at = this.#fill(this.#partial, chunk, at);
    }
  }

  #startFrame(chunk: Uint8Array, from: number): number {
    const knownBefore = this.#lengthKnown;
    let at = from;
    while (this.#lengthKnown < 4 && at < chunk.length) this.#length[this.#lengthKnown++] = chunk[at++] as number;
    if (this.#lengthKnown < 4) return at;
    this.#lengthKnown = 0;
    const length = this.#lengthWord[0] as number;
    if (!isFrameLength(length)) throw new Error(`the engine process sent a frame of ${length} bytes`);
    const isWhole = knownBefore === 0 && from + length <= chunk.length;
    if (isWhole && (chunk.byteOffset + from) % 8 === 0) {
      this.#onFrame(chunk.subarray(from, from + length));
      return from + length;
    }
    this.#partial = Buffer.allocUnsafeSlow(length);
    this.#partial.set(this.#length);
    this.#filled = 4;
    return at;
  }

  #fill(partial: Uint8Array, chunk: Uint8Array, from: number): number {
    const taken = Math.min(partial.length - this.#filled, chunk.length - from);
    partial.set(taken === chunk.length ? chunk : chunk.subarray(from, from + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === partial.length) {
      this.#partial = undefined;
      this.#onFrame(partial);
    }
    return from + taken;
  }
}
