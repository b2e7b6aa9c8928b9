const replacement = '�';

/** A Buffer over the same memory. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The text, or undefined when the bytes are not UTF-8. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const buffer = asBuffer(bytes);
  const text = buffer.toString();
  // Malformed sequences were replaced; a replacement character that was sent as such survives the way back.
  if (text.includes(replacement) && !Buffer.from(text).equals(buffer)) return undefined;
  return text;
}

/** Index of the first byte that is not part of UTF-8 text, or -1. */
export function invalidUtf8At(bytes: Uint8Array): number {
  const back = Buffer.from(asBuffer(bytes).toString());
  if (back.equals(bytes)) return -1;
  let at = 0;
  while (back[at] === bytes[at]) at++;
  // A broken sequence may share its first bytes with the replacement character's: EF BF BD.
  while (at > 0 && ((bytes[at] ?? 0x80) & 0xc0) === 0x80 && (bytes[at - 1] ?? 0) >= 0x80) at--;
  return at;
}
