import { elementBytes } from '../../core/data-type.js';
import type { NumericData } from '../../core/tensor.js';
import { copyElements, type Elements, elementViews, type KernelType, kernel, kernelTypes } from './kernel.js';

/** A text the kernel is to look at. */
export interface KernelText {
  readonly bytes: Uint8Array;
  /** Tells this text from any other, also from a later one in the same memory. */
  readonly key: object;
}

export interface NumericArrayExtent {
  readonly end: number;
  /** How many numbers it holds. */
  readonly count: number;
}

/** An array being filled. */
export interface NumbersDestination {
  readonly dataType: KernelType;
  readonly data: NumericData;
  /** Index of the element that is filled next. */
  next: number;
  /** Index in the text at which the last `readNumbers` stopped: where the next number, or what else comes, starts. */
  stop: number;
}

const unfinished = 0;
const other = 1;
const blockBytes = 64;
/** No token that the kernel deals with is longer; it may also look 64 bytes at once. */
const enough = 1024;
/** A copy of fewer bytes is faster in a loop. */
const fewBytes = 96;
const comma = 0x2c;
const numbersRead = elementViews(kernel.output, kernel.outputSize);

/** The part of a text, from one index to another, that lies in the kernel's memory, followed by a zero. */
let shownKey: object | undefined;
let shownFrom = 0;
let shownTo = 0;

/**
 * Follows the array that starts at `start`. Undefined when it holds anything but numbers in JSON's grammar, separators
 * and arrays of the same, up to `maxDepth` deep, or does not end.
 */
export function scanNumericArray(text: KernelText, start: number, maxDepth: number): NumericArrayExtent | undefined {
  let at = start;
  for (;;) {
    const from = show(text, at);
    const isLast = shownTo === text.bytes.length;
    const whole = shownTo - at;
    const size = isLast ? whole : whole - (whole % blockBytes);
    const result = kernel.scan(from, from + size, maxDepth, at === start);
    if (result > other) return { end: shownFrom + result - kernel.input, count: kernel.secondResult[0] as number };
    if (result !== unfinished || isLast) return undefined;
    at += size;
  }
}

/**
 * Reads numbers that are separated by commas from index `at` of the text on. Returns how many: none where the first is
 * not of the type, or not for the kernel to decide.
 */
export function readNumbers(text: KernelText, at: number, into: NumbersDestination): number {
  const type = kernelTypes[into.dataType];
  const from = show(text, at);
  const count = kernel.read(from, from + shownTo - at, type);
  copyElements(numbersRead[type] as Elements, 0, count, into.data as Elements, into.next);
  into.next += count;
  into.stop = shownFrom + (kernel.secondResult[0] as number) - kernel.input;
  return count;
}

/** Reads the single number from `start` to `end`, or returns false for the reasons above. */
export function readNumber(
  bytes: Uint8Array,
  extent: { start: number; end: number },
  into: NumbersDestination,
): boolean {
  const { start, end } = extent;
  const size = end - start;
  const { memory, token, tokenSize } = kernel;
  if (size >= tokenSize) return false;
  for (let i = 0; i < size; i++) memory[token + i] = bytes[start + i] as number;
  memory[token + size] = comma;
  const type = kernelTypes[into.dataType];
  if (kernel.read(token, token + size + 1, type) === 0) return false;
  (into.data as Elements)[into.next++] = (numbersRead[type] as Elements)[0] as number;
  return true;
}

/** Makes the text from `at` on visible to the kernel: to its end, or a good part of it. Returns the address of `at`. */
function show({ bytes, key }: KernelText, at: number): number {
  const { memory, input, inputSize } = kernel;
  const isThere = key === shownKey && at >= shownFrom && (shownTo === bytes.length || shownTo - at >= enough);
  if (isThere) return input + at - shownFrom;
  const length = Math.min(bytes.length - at, inputSize);
  if (length <= fewBytes) for (let i = 0; i < length; i++) memory[input + i] = bytes[at + i] as number;
  else memory.set(length === bytes.length ? bytes : bytes.subarray(at, at + length), input);
  memory[input + length] = 0;
  shownKey = key;
  shownFrom = at;
  shownTo = at + length;
  return input;
}

/** What stands for NaN and the infinities: `null`, the bare token, or the token as a string. */
export type NonFinite = 'null' | 'token' | 'string';

/** Elements of one array: `size` of them from `from` on, which fill `shape`. */
export interface NumberSlice {
  readonly dataType: KernelType;
  readonly data: NumericData;
  readonly shape: readonly number[];
  readonly from: number;
  readonly size: number;
}

/** Takes the next bytes of text, which are only there during the call: `memory` from `start` to `end`. */
export type TakeText = (memory: Buffer, start: number, end: number) => void;

const nonFiniteCodes = { null: 0, token: 1, string: 2 } as const satisfies Record<NonFinite, number>;

/** No element takes more bytes of text, the comma before it included. */
const elementTextBytes = 26;
/** Elements to a chunk, so that a chunk's text always fits. */
const chunkElements = 8192;
const numbersToWrite = elementViews(kernel.elements, chunkElements * Float64Array.BYTES_PER_ELEMENT);
const outputEnd = kernel.output + kernel.outputSize;
const opening = 0x5b;
const closing = 0x5d;

/** A slice on its way to being text. */
interface Writing {
  readonly shape: readonly number[];
  readonly data: Elements;
  /** The index after the slice's last element. */
  readonly end: number;
  readonly type: number;
  readonly bytes: number;
  readonly nonFinite: number;
  readonly take: TakeText;
  /** The elements that lie in the kernel's memory. */
  loadedFrom: number;
  loadedTo: number;
  /** Where the next byte of text goes. */
  out: number;
}

/** Writes a slice as JSON, nested as its shape says; a scalar is a bare value. */
export function writeNumbers(slice: NumberSlice, nonFinite: NonFinite, take: TakeText): void {
  const { dataType, data, shape, from, size } = slice;
  const writing: Writing = {
    shape,
    data: data as Elements,
    end: from + size,
    type: kernelTypes[dataType],
    bytes: elementBytes[dataType],
    nonFinite: nonFiniteCodes[nonFinite],
    take,
    loadedFrom: 0,
    loadedTo: 0,
    out: kernel.output,
  };
  writeLevel(writing, 0, from, size);
  flush(writing);
}

/** The `size` elements from `from` on: those that fill the axes of the shape from `axis` on. */
function writeLevel(writing: Writing, axis: number, from: number, size: number): void {
  const { shape } = writing;
  const length = shape[axis];
  if (length === undefined) {
    writeRun(writing, from, 1);
    return;
  }
  put(writing, opening);
  if (axis === shape.length - 1) writeRun(writing, from, size);
  else {
    for (let i = 0; i < length; i++) {
      if (i > 0) put(writing, comma);
      writeLevel(writing, axis + 1, from + (i * size) / length, size / length);
    }
  }
  put(writing, closing);
}

function writeRun(writing: Writing, from: number, count: number): void {
  const to = from + count;
  for (let at = from; at < to; ) {
    if (at >= writing.loadedTo || at < writing.loadedFrom) {
      writing.loadedFrom = at;
      writing.loadedTo = Math.min(writing.end, at + chunkElements);
      copyElements(writing.data, at, writing.loadedTo - at, numbersToWrite[writing.type] as Elements, 0);
    }
    const length = Math.min(to, writing.loadedTo) - at;
    if (writing.out + (length + 1) * elementTextBytes > outputEnd) flush(writing);
    if (at > from) put(writing, comma);
    const address = kernel.elements + (at - writing.loadedFrom) * writing.bytes;
    writing.out = kernel.write(address, length, writing.type, writing.out, writing.nonFinite);
    at += length;
  }
}

function put(writing: Writing, byte: number): void {
  if (writing.out === outputEnd) flush(writing);
  kernel.memory[writing.out++] = byte;
}

function flush(writing: Writing): void {
  writing.take(kernel.memory, kernel.output, writing.out);
  writing.out = kernel.output;
}
