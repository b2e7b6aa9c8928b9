import { type DataType, elementBytes } from '../../../core/data-type.js';
import { isStrings, type NumericData, type Tensor, viewOf } from '../../../core/tensor.js';
import { addStrings, pieceOf, pieceStrings, type StringPiece } from './string-pieces.js';

/** A tensor on its way to another thread: numbers move without being copied, strings go in pieces. */
export type Parcel<T extends Tensor = Tensor> = Omit<T, 'data'> & {
  readonly data: NumericData | readonly StringPiece[];
};

type NumericType = Exclude<DataType, 'BYTES'>;

/** Resolves when whoever does not want to hold up its thread may go on. */
export type Pause = () => Promise<void>;

export const noPause: Pause = async () => undefined;

/** Numbers are copied so many bytes at a time. */
const pieceBytes = 2 ** 20;

/** Packs a tensor whose memory moves along, as nobody else uses it. */
export async function packOwn<T extends Tensor>(tensor: T, pause: Pause): Promise<Parcel<T>> {
  return { ...tensor, data: isStrings(tensor.data) ? await encoded(tensor.data, pause) : tensor.data };
}

/** Packs a copy. */
export async function packCopy<T extends Tensor>(tensor: T, pause: Pause): Promise<Parcel<T>> {
  const { dataType, data } = tensor;
  return { ...tensor, data: isStrings(data) ? await encoded(data, pause) : await copied(dataType, data, pause) };
}

export async function unpack<T extends Tensor>(parcel: Parcel<T>, pause: Pause): Promise<T> {
  const { data } = parcel;
  // A parcel differs from its tensor in nothing but strings.
  return (Array.isArray(data) ? { ...parcel, data: await decoded(data, pause) } : parcel) as T;
}

/** The memory of parcels, each piece once. */
export function memoryOf(parcels: Iterable<Parcel>): ArrayBuffer[] {
  const memory = new Set<ArrayBufferLike>();
  for (const { data } of parcels) {
    if (ArrayBuffer.isView(data)) memory.add(data.buffer);
    else for (const { text, lengths } of data) memory.add(text.buffer).add(lengths.buffer);
  }
  return [...memory] as ArrayBuffer[];
}

async function encoded(texts: readonly string[], pause: Pause): Promise<StringPiece[]> {
  const pieces: StringPiece[] = [];
  for (let from = 0; from < texts.length; from += pieceStrings) {
    if (from > 0) await pause();
    pieces.push(pieceOf(texts.slice(from, from + pieceStrings)));
  }
  return pieces;
}

async function decoded(pieces: readonly StringPiece[], pause: Pause): Promise<string[]> {
  const texts: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await pause();
    addStrings(texts, piece);
  }
  return texts;
}

async function copied(dataType: DataType, data: NumericData, pause: Pause): Promise<NumericData> {
  const { buffer } = Buffer.allocUnsafeSlow(data.byteLength);
  const copy = viewOf(dataType as NumericType, buffer, 0, data.length) as Uint8Array;
  const source = data as Uint8Array;
  const step = pieceBytes / elementBytes[dataType as NumericType];
  for (let from = 0; from < source.length; from += step) {
    if (from > 0) await pause();
    copy.set(source.subarray(from, from + step), from);
  }
  return copy;
}
