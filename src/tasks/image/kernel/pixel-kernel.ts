import { kernelCode } from './kernel-code.js';

/** What `assembly/pixels/index.ts` exports. Addresses are indexes into `memory`. */
interface PixelKernelExports {
  readonly memory: WebAssembly.Memory;
  readonly free: WebAssembly.Global;
  weightedRows(
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
    width: number,
    height: number,
    starts: number,
    weights: number,
    groups: number,
  ): void;
  weightedColumns(
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
    bytes: number,
    height: number,
    starts: number,
    weights: number,
    pairs: number,
  ): void;
  linear(
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
    width: number,
    height: number,
    columnStarts: number,
    columnWeights: number,
    rows: number,
    sums: number,
  ): void;
  halve(from: number, fromStride: number, to: number, toStride: number, width: number, height: number): void;
  picked(
    from: number,
    to: number,
    toStride: number,
    width: number,
    height: number,
    starts: number,
    rowStarts: number,
  ): void;
  elements32(
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
    width: number,
    height: number,
    tables: number,
    plane: number,
    step: number,
  ): void;
}

const pageBytes = 0x10000;
/** The loops read and write up to 16 bytes beyond what they are about. */
const marginBytes = 64;
/** Memory never shrinks: an instance that a large picture has blown up is given up. */
const keptBytes = 64 * 1024 * 1024;

/**
 * The loops over pixels, and the memory they work in: a picture at a time, from `begin` to the copy of its result. Whatever
 * is put or reserved stays where it is until the next `begin`.
 */
export class PixelKernel {
  #module: WebAssembly.Module | undefined;
  #exports: PixelKernelExports | undefined;
  #top = 0;

  get loops(): PixelKernelExports {
    this.#module ??= new WebAssembly.Module(Buffer.from(kernelCode, 'base64'));
    this.#exports ??= new WebAssembly.Instance(this.#module).exports as PixelKernelExports;
    return this.#exports;
  }

  begin(): void {
    if (this.#exports !== undefined && this.#exports.memory.buffer.byteLength > keptBytes) this.#exports = undefined;
    this.#top = this.loops.free.value;
  }

  /** The address of so many bytes; what is in them is of no account. */
  reserve(bytes: number): number {
    const address = Math.ceil(this.#top / 16) * 16;
    this.#top = address + bytes + marginBytes;
    const { memory } = this.loops;
    const missing = this.#top - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    return address;
  }

  putBytes(bytes: Uint8Array): number {
    const address = this.reserve(bytes.length);
    new Uint8Array(this.loops.memory.buffer).set(bytes, address);
    return address;
  }

  putInts(ints: Int32Array): number {
    return this.putBytes(new Uint8Array(ints.buffer, ints.byteOffset, ints.byteLength));
  }

  /** A view, good until memory is put or reserved again. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.loops.memory.buffer, address, length);
  }
}
