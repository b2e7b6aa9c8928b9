import { createHash } from 'node:crypto';
import type { Pixels } from '../../../src/tasks/image/resample.js';

/** The picture that tools/models/make-image-references.py makes of the same size. */
export function noise(width: number, height: number): Pixels {
  const data = new Uint8Array(3 * width * height);
  let state = width * 65536 + height;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { data, width, height };
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
