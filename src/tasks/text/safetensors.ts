/** A tensor of a file of safetensors. */
export interface SafeTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const prefixBytes = 8;
const mostHeaderBytes = 64 * 2 ** 20;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * The float32 tensors of a file, by name: eight bytes with the length of a JSON text, the text, and the data that it points
 * into. Throws an Error that says what is wrong with the file.
 */
export function readSafeTensors(bytes: Uint8Array): ReadonlyMap<string, SafeTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < prefixBytes ? -1 : Number(view.getBigUint64(0, true));
  if (headerBytes < 0 || headerBytes > mostHeaderBytes || prefixBytes + headerBytes > bytes.length) {
    throw new Error('its header is cut off');
  }
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(prefixBytes, prefixBytes + headerBytes)));
  const data = bytes.subarray(prefixBytes + headerBytes);
  const entries = Object.entries((header ?? {}) as Record<string, Entry>).filter(([name]) => name !== '__metadata__');
  return new Map(entries.map(([name, entry]) => [name, tensorOf(name, entry, data)]));
}

function tensorOf(name: string, { dtype, shape, data_offsets: offsets }: Entry, data: Uint8Array): SafeTensor {
  if (dtype !== 'F32') throw new Error(`"${name}" is of type ${dtype}; expected F32`);
  const [from, to] = offsets ?? [];
  const count = Array.isArray(shape) ? shape.reduce((product, size) => product * size, 1) : Number.NaN;
  if (!(from >= 0 && to <= data.length && to - from === 4 * count))
    throw new Error(`"${name}" lies outside of the file`);
  // A copy in memory of its own: the data need not lie at a multiple of 4.
  return { shape, values: new Float32Array(new Uint8Array(data.subarray(from, to)).buffer) };
}
