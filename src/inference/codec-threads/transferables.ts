import { type DataType, elementBytes } from '../../core/data-type.js';
import { encodeStrings, isPacked, readStrings } from '../../core/packed-strings.js';
import { isStrings, type NumericData, type Tensor, viewOf } from '../../core/tensor.js';

/** A tensor on its way to another thread: numbers move without being copied, strings as their bytes. */
export type Transferable<T extends Tensor = Tensor> = Omit<T, 'data'> & {
  readonly data: NumericData | EncodedStrings;
};

/** As packed strings lie in memory. */
interface EncodedStrings {
  readonly encoded: Uint8Array;
  readonly count: number;
}

type NumericType = Exclude<DataType, 'BYTES'>;

/** Resolves when whoever does not want to hold up its thread may go on. */
export type Pause = () => Promise<void>;

export const noPause: Pause = async () => undefined;

/** Numbers are copied so many bytes at a time. */
const pieceBytes = 2 ** 20;
/** Strings are encoded so many at a time: what is done in a millisecond or so. */
const pieceStrings = 4096;

/** Packs a tensor whose memory moves along, as nobody else uses it. */
export async function packOwn<T extends Tensor>(tensor: T, pause: Pause): Promise<Transferable<T>> {
  return { ...tensor, data: isStrings(tensor.data) ? await encoded(tensor.data, pause) : tensor.data };
}

/** Packs a copy. */
export async function packCopy<T extends Tensor>(tensor: T, pause: Pause): Promise<Transferable<T>> {
  const { dataType, data } = tensor;
  return { ...tensor, data: isStrings(data) ? await encoded(data, pause) : await copied(dataType, data, pause) };
}

export function unpack<T extends Tensor>(transferable: Transferable<T>): T {
  const { data } = transferable;
  // It differs from its tensor in nothing but strings.
  return ('encoded' in data
    ? { ...transferable, data: readStrings(data.encoded, data.count) }
    : transferable) as unknown as T;
}

/** Their memory, each piece once. */
export function memoryOf(transferables: Iterable<Transferable>): ArrayBuffer[] {
  const memory = new Set<ArrayBufferLike>();
  for (const { data } of transferables) memory.add('encoded' in data ? data.encoded.buffer : data.buffer);
  return [...memory] as ArrayBuffer[];
}

async function encoded(strings: readonly string[], pause: Pause): Promise<EncodedStrings> {
  const count = strings.length;
  if (isPacked(strings)) {
    return { encoded: (await copied('UINT8', encodeStrings([strings]), pause)) as Uint8Array, count };
  }
  const parts: (readonly string[])[] = [];
  for (let from = 0; from < count; from += pieceStrings) {
    if (from > 0) await pause();
    const part = strings.slice(from, from + pieceStrings);
    parts.push(readStrings(encodeStrings([part]), part.length));
  }
  return { encoded: encodeStrings(parts), count };
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
