import type { PreparedImage } from '../core/preparation.js';
import type { PreparationMessage } from './preparation-frames.js';

/** Beside the blob, which is the elements. */
export type PreparedImageJson = Pick<PreparedImage, 'shape' | 'placement' | 'size'>;

/** The elements are a view on the frame. */
export function readPreparedImage({ json, blobs }: PreparationMessage): PreparedImage {
  const { shape, placement, size, prepareMs } = json as PreparedImageJson & { readonly prepareMs: number };
  const { buffer, byteOffset, byteLength } = blobs[0] as Uint8Array;
  const data = new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
  return { data, shape, placement, size, prepareMs };
}
