import { type DataType, dataTypes } from '../../core/data-type.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { isStrings, type NumericData, type TensorData } from '../../core/tensor.js';
import { type FrameKind, headerWords, maxFrameBytes, padded } from './frame-layout.js';
import { encodeStrings } from './string-elements.js';

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
  readonly session: number;
  readonly extraWords: readonly number[];
}

const slabBytes = 64 * 1024;
/** Smaller data is copied behind the header: cheaper than one more buffer in the system call. */
const copyBelowBytes = 4096;

const typeCodes = Object.fromEntries(dataTypes.map((type, code) => [type, code])) as Record<DataType, number>;

/** Lays tensors out as a frame without putting large data together: the frame is a list of buffers. */
export class FrameBuilder {
  #slab = new Uint8Array(slabBytes);
  #words = new Uint32Array(this.#slab.buffer);
  #chunks: Uint8Array[] = [];
  /** Bytes of the slab already in `#chunks`, and bytes filled. */
  #flushed = 0;
  #filled = 0;

  /** The frame's buffers, in order. They share memory with the tensors and with this builder: valid until its next use. */
  build(head: TensorFrameHead, tensors: readonly FrameTensor[]): readonly Uint8Array[] {
    const data = tensors.map(dataOf);
    const dataLengths = data.map((parts) => parts.reduce((sum, part) => sum + part.byteLength, 0));
    const wordCount = tensors.reduce((sum, { shape }) => sum + 3 + shape.length, headerWords + head.extraWords.length);
    const bytes = dataLengths.reduce((sum, length) => sum + padded(length), padded(4 * wordCount));
    if (!(bytes <= maxFrameBytes)) throw tooLarge(bytes);
    this.#begin(padded(4 * wordCount));
    this.#writeHead(head, tensors, { bytes, dataLengths });
    for (const parts of data) this.#append(parts);
    this.#flush();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #begin(headLength: number): void {
    if (headLength > this.#slab.length) {
      this.#slab = new Uint8Array(2 * headLength);
      this.#words = new Uint32Array(this.#slab.buffer);
    }
    this.#flushed = 0;
    this.#filled = headLength;
  }

  #writeHead(
    { kind, session, extraWords }: TensorFrameHead,
    tensors: readonly FrameTensor[],
    sizes: { bytes: number; dataLengths: readonly number[] },
  ): void {
    const words = this.#words;
    words[0] = sizes.bytes;
    words[1] = kind;
    words[2] = session;
    words[3] = tensors.length + 65536 * extraWords.length;
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
      if (bytes.length < copyBelowBytes && this.#filled + bytes.length <= this.#slab.length) {
        this.#slab.set(bytes, this.#filled);
        this.#filled += bytes.length;
      } else if (bytes.length > 0) {
        this.#flush();
        this.#chunks.push(bytes);
      }
    }
    this.#pad(padded(length) - length);
  }

  #pad(bytes: number): void {
    if (bytes === 0) return;
    if (this.#filled + bytes <= this.#slab.length) {
      this.#filled += bytes;
      return;
    }
    this.#flush();
    this.#chunks.push(new Uint8Array(bytes));
  }

  #flush(): void {
    if (this.#filled > this.#flushed) this.#chunks.push(this.#slab.subarray(this.#flushed, this.#filled));
    this.#flushed = this.#filled;
  }
}

function dataOf({ dataType, parts }: FrameTensor): readonly NumericData[] {
  return dataType === 'BYTES' ? [encodeStrings(parts.filter(isStrings))] : (parts as readonly NumericData[]);
}

const tooLarge = (bytes: number): ServingError =>
  new ServingError(
    'PAYLOAD_TOO_LARGE',
    `one run takes at most ${maxFrameBytes} bytes of tensors, these are ${bytes}; send fewer rows at a time`,
  );
