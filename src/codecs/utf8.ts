import { isUtf8 } from 'node:buffer';

/** A Buffer over the same memory. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The text of bytes below 0x80, from `start` to `end`. */
export const latin1Text = (bytes: Buffer, start: number, end: number): string =>
  // Half the cost of toString('latin1'), which calls it; the types leave it out.
  (bytes as Buffer & { latin1Slice(start: number, end: number): string }).latin1Slice(start, end);

/** The text, or undefined when the bytes are not UTF-8. A byte order mark is kept. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined =>
  isUtf8(bytes) ? asBuffer(bytes).toString() : undefined;

const replacement = Buffer.from('\ufffd');

/** Index of the first byte that is not part of UTF-8 text. `bytes` is not UTF-8. */
export function invalidUtf8At(bytes: Uint8Array): number {
  const replaced = Buffer.from(asBuffer(bytes).toString());
  let at = 0;
  while (replaced[at] === bytes[at]) at++;
  // What was replaced may begin like the replacement character does.
  return [at, at - 1, at - 2].find((start) => replaced.subarray(start, start + 3).equals(replacement)) ?? at;
}
