import { type DataType, dataTypes, elementBytes } from '../../core/data-type.js';
import { encodeStrings, readStrings } from '../../core/packed-strings.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { elementCount, isStrings, type NumericData, type TensorData, viewOf } from '../../core/tensor.js';
import { headerWords, maxFrameBytes, padded, wordsOf } from '../../processes/frames/frames.js';
import type { FrameKind } from './engine-frames.js';

export interface FrameTensor {
  /** Position among the model's inputs or outputs. */
  readonly index: number;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** Laid end to end. */
  readonly parts: readonly TensorData[];
}

export interface TensorFrameHead {
  readonly kind: FrameKind;
  readonly tenant: number;
  readonly extraWords: readonly number[];
}

const slabBytes = 64 * 1024;
/** Smaller data is copied behind the header: cheaper than one more buffer in the system call. */
const copyBelowBytes = 4096;

const typeCodes = Object.fromEntries(dataTypes.map((type, code) => [type, code])) as Record<DataType, number>;

interface Slab {
  bytes: Uint8Array;
  words: Uint32Array;
}

/** Lays tensors out as frames without putting large data together: a frame is a list of buffers. */
export class FrameBuilder {
  /** Each is the memory of one frame: headers and small data. */
  readonly #slabs: readonly Slab[];
  #last = 0;
  #slab: Slab;
  #chunks: Uint8Array[] = [];
  /** Bytes of the slab already in `#chunks`, and bytes filled. */
  #flushed = 0;
  #filled = 0;

  /** So many frames are in use at a time: as many later ones make a frame's memory another's. */
  constructor(framesInUse = 1) {
    this.#slabs = Array.from({ length: framesInUse }, () => newSlab(slabBytes));
    this.#slab = this.#slabs[0] as Slab;
  }

  /** The frame's buffers, in order. They share memory with the tensors and with this builder. */
  build(head: TensorFrameHead, tensors: readonly FrameTensor[]): readonly Uint8Array[] {
    const data = new Array<readonly NumericData[]>(tensors.length);
    const dataLengths = new Array<number>(tensors.length);
    let wordCount = headerWords + head.extraWords.length;
    let bytes = 0;
    for (let at = 0; at < tensors.length; at++) {
      const { dataType, parts, shape } = tensors[at] as FrameTensor;
      const numeric =
        dataType === 'BYTES' ? [encodeStrings(parts.filter(isStrings))] : (parts as readonly NumericData[]);
      let length = 0;
      for (const part of numeric) length += part.byteLength;
      data[at] = numeric;
      dataLengths[at] = length;
      bytes += padded(length);
      wordCount += 3 + shape.length;
    }
    const headLength = padded(4 * wordCount);
    bytes += headLength;
    if (!(bytes <= maxFrameBytes)) throw tooLarge(bytes);
    const next = (this.#last + 1) % this.#slabs.length;
    const slab = this.#slabs[next] as Slab;
    if (headLength > slab.bytes.length) Object.assign(slab, newSlab(2 * headLength));
    this.#slab = slab;
    this.#flushed = 0;
    this.#filled = headLength;
    this.#writeHead(head, tensors, { bytes, dataLengths });
    for (const parts of data) this.#append(parts);
    this.#flush();
    // Only now: what throws before makes no frame.
    this.#last = next;
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #writeHead(
    { kind, tenant, extraWords }: TensorFrameHead,
    tensors: readonly FrameTensor[],
    sizes: { bytes: number; dataLengths: readonly number[] },
  ): void {
    const { words } = this.#slab;
    words[0] = sizes.bytes;
    words[1] = kind;
    words[2] = tenant;
    words[3] = tensors.length;
    words[4] = extraWords.length;
    words[5] = 0;
    let at = headerWords;
    for (const word of extraWords) words[at++] = word;
    for (let index = 0; index < tensors.length; index++) {
      const tensor = tensors[index] as FrameTensor;
      words[at++] = tensor.index;
      words[at++] = typeCodes[tensor.dataType] + 256 * tensor.shape.length;
      words[at++] = sizes.dataLengths[index] as number;
      for (const size of tensor.shape) {
        words[at] = size;
        if (words[at++] !== size)
          throw invalidArgument(`a dimension lies between 0 and 4294967295, this one is ${size}`);
      }
    }
  }

  #append(parts: readonly NumericData[]): void {
    let length = 0;
    for (const part of parts) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      length += bytes.length;
      if (bytes.length < copyBelowBytes && this.#filled + bytes.length <= this.#slab.bytes.length) {
        this.#slab.bytes.set(bytes, this.#filled);
        this.#filled += bytes.length;
      } else if (bytes.length > 0) {
        this.#flush();
        this.#chunks.push(bytes);
      }
    }
    const padding = padded(length) - length;
    if (this.#filled + padding <= this.#slab.bytes.length) this.#filled += padding;
    else {
      this.#flush();
      this.#chunks.push(new Uint8Array(padding));
    }
  }

  #flush(): void {
    if (this.#filled > this.#flushed) this.#chunks.push(this.#slab.bytes.subarray(this.#flushed, this.#filled));
    this.#flushed = this.#filled;
  }
}

function newSlab(length: number): Slab {
  const bytes = new Uint8Array(length);
  return { bytes, words: new Uint32Array(bytes.buffer) };
}

const tooLarge = (bytes: number): ServingError =>
  new ServingError(
    'PAYLOAD_TOO_LARGE',
    `one run takes at most ${maxFrameBytes} bytes of tensors, these are ${bytes}; send fewer rows at a time`,
  );

export interface ReadTensor {
  readonly index: number;
  readonly dataType: DataType;
  readonly shape: number[];
  /** Numeric data, and many strings, are a view of the frame. */
  readonly data: TensorData;
}

export interface TensorFrame {
  readonly extraWords: Uint32Array;
  readonly tensors: readonly ReadTensor[];
}

/** The frame must start at a multiple of 8 bytes in its buffer. */
export function readTensors(frame: Uint8Array): TensorFrame {
  const words = wordsOf(frame);
  const firstTensor = headerWords + (words[4] as number);
  const tensors = new Array<ReadTensor>(words[3] as number);
  let word = firstTensor;
  for (let at = 0; at < tensors.length; at++) word += 3 + ((words[word + 1] as number) >>> 8);
  let dataAt = padded(4 * word);
  word = firstTensor;
  for (let at = 0; at < tensors.length; at++) {
    const code = words[word + 1] as number;
    const bytes = words[word + 2] as number;
    const shape = Array.from(words.subarray(word + 3, word + 3 + (code >>> 8)));
    const dataType = dataTypes[code & 0xff] as DataType;
    tensors[at] = {
      index: words[word] as number,
      dataType,
      shape,
      data: readData(frame, dataType, shape, dataAt, bytes),
    };
    dataAt += padded(bytes);
    word += 3 + shape.length;
  }
  return { extraWords: words.subarray(headerWords, firstTensor), tensors };
}

function readData(frame: Uint8Array, dataType: DataType, shape: number[], from: number, bytes: number): TensorData {
  const count = elementCount(shape);
  if (dataType === 'BYTES') return readStrings(frame.subarray(from, from + bytes), count);
  if (count * elementBytes[dataType] !== bytes) {
    throw new Error(`a ${dataType} tensor of shape [${shape.join(', ')}] came with ${bytes} bytes of data`);
  }
  return viewOf(dataType, frame.buffer, frame.byteOffset + from, count);
}
