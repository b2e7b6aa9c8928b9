import { readSync, writevSync } from 'node:fs';
import { isFrameLength } from './frames.js';

const initialBytes = 64 * 1024;
/** A larger buffer is given back once this many frames in a row would have fitted into a quarter of it. */
const keptBytes = 8 * 1024 * 1024;
const framesBeforeShrinking = 64;

/** Reads frames from a blocking file descriptor into memory that it uses again and again. */
export class FrameInput {
  readonly #fd: number;
  #buffer = new Uint8Array(initialBytes);
  /** The next frame starts at `#start`; bytes up to `#end` have been read. */
  #start = 0;
  #end = 0;
  #smallFrames = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next frame, valid until the next call; undefined at the end of the stream. Blocks. */
  next(): Uint8Array | undefined {
    if (this.#start === this.#end) this.#rewind();
    if (!this.#require(4)) return undefined;
    const length = new Uint32Array(this.#buffer.buffer, this.#start, 1)[0] as number;
    if (!isFrameLength(length)) throw new Error(`a frame of ${length} bytes came in`);
    this.#noteSize(length);
    if (!this.#require(length)) return undefined;
    const frame = this.#buffer.subarray(this.#start, this.#start + length);
    this.#start += length;
    return frame;
  }

  #rewind(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#smallFrames < framesBeforeShrinking || this.#buffer.length <= keptBytes) return;
    this.#buffer = new Uint8Array(initialBytes);
  }

  #noteSize(length: number): void {
    this.#smallFrames = length < this.#buffer.length / 4 ? this.#smallFrames + 1 : 0;
  }

  /** Reads until `bytes` of the next frame are there; false at the end of the stream. */
  #require(bytes: number): boolean {
    if (this.#start + bytes > this.#buffer.length) this.#makeRoom(bytes);
    while (this.#end - this.#start < bytes) {
      const count = readSync(this.#fd, this.#buffer, this.#end, this.#buffer.length - this.#end, null);
      if (count === 0) return false;
      this.#end += count;
    }
    return true;
  }

  #makeRoom(bytes: number): void {
    if (bytes > this.#buffer.length) {
      const larger = new Uint8Array(bytes);
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
    } else {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#end -= this.#start;
    this.#start = 0;
  }
}

/** Writes a frame to a blocking file descriptor, whole. */
export function writeFrame(fd: number, chunks: readonly Uint8Array[]): void {
  let rest = chunks;
  for (;;) {
    let written = writevSync(fd, rest);
    let whole = 0;
    while (whole < rest.length && written >= (rest[whole] as Uint8Array).length) {
      written -= (rest[whole++] as Uint8Array).length;
    }
    if (whole === rest.length) return;
    const [first, ...others] = rest.slice(whole) as [Uint8Array, ...Uint8Array[]];
    rest = [first.subarray(written), ...others];
  }
}
