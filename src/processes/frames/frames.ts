/**
 * Frames are what this process and one that it supervises say to each other, over one socket on one machine.
 * Numbers are in the machine's byte order. A frame, and every tensor in it, is a multiple of 8 bytes long, so
 * its content can be used where it lies. A process answers its frames in the order they came.
 *
 *   header       uint32 bytes of the whole frame, uint32 kind, uint32 tenant, uint32 detail, two more uint32
 *   text frame   detail = bytes of UTF-8 that follow
 *   other frame  as those who send and read it agree
 */
export const headerBytes = 24;
export const headerWords = headerBytes / 4;

/** Node reads and writes no more than this in one call. */
export const maxFrameBytes = 2 ** 31 - 8;

/** To the process; a text frame, empty: the tenant is gone. Not answered. What other kinds mean is between a program and who asks it. */
export const leaveKind = 0;

export const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** The frame's numbers, in place. */
export const wordsOf = (frame: Uint8Array): Uint32Array =>
  new Uint32Array(frame.buffer, frame.byteOffset, frame.byteLength >>> 2);

/** Whether a frame can have this length: anything else means that the stream is not one of frames. */
export const isFrameLength = (bytes: number): boolean =>
  bytes >= headerBytes && bytes <= maxFrameBytes && bytes % 8 === 0;

/** A frame that carries nothing but text. */
export function textFrame(kind: number, tenant: number, text: string): Uint8Array {
  const textBytes = Buffer.byteLength(text);
  const frame = Buffer.alloc(padded(headerBytes + textBytes));
  frame.write(text, headerBytes);
  new Uint32Array(frame.buffer, frame.byteOffset, headerWords).set([frame.length, kind, tenant, textBytes]);
  return frame;
}

export function readText(frame: Uint8Array): string {
  const textBytes = wordsOf(frame)[3] ?? 0;
  return Buffer.from(frame.buffer, frame.byteOffset + headerBytes, textBytes).toString();
}

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

  /** The stream is over: gives up the memory of a frame that was cut off. */
  end(): void {
    this.#partial = undefined;
  }

  #startFrame(chunk: Uint8Array, from: number): number {
    const knownBefore = this.#lengthKnown;
    let at = from;
    while (this.#lengthKnown < 4 && at < chunk.length) this.#length[this.#lengthKnown++] = chunk[at++] as number;
    if (this.#lengthKnown < 4) return at;
    this.#lengthKnown = 0;
    const length = this.#lengthWord[0] as number;
    if (!isFrameLength(length)) throw new Error(`the process sent a frame of ${length} bytes`);
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
