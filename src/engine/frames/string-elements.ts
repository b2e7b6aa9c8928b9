/**
 * Strings as a tensor's data: a uint32 for the bytes of each, then all of their UTF-8, end to end.
 * Lone surrogates become U+FFFD.
 */
export function encodeStrings(parts: readonly (readonly string[])[]): Uint8Array {
  const strings = parts.length === 1 ? (parts[0] as readonly string[]) : parts.flat();
  const joined = strings.join('');
  const isAscii = Buffer.byteLength(joined) === joined.length;
  const textBytes = isAscii ? joined.length : strings.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  const encoded = Buffer.allocUnsafeSlow(4 * strings.length + textBytes);
  const lengths = new Uint32Array(encoded.buffer, 0, strings.length);
  let at = 4 * strings.length;
  if (isAscii) encoded.write(joined, at, 'latin1');
  for (let index = 0; index < strings.length; index++) {
    const text = strings[index] as string;
    const length = isAscii ? text.length : encoded.write(text, at);
    lengths[index] = length;
    at += length;
  }
  return encoded;
}

export function decodeStrings(encoded: Uint8Array, count: number): string[] {
  const lengths = new Uint32Array(encoded.buffer, encoded.byteOffset, count);
  const text = Buffer.from(encoded.buffer, encoded.byteOffset + 4 * count, encoded.byteLength - 4 * count);
  const whole = text.toString();
  // As many characters as bytes: plain ASCII, where positions in bytes are positions in the text.
  const isAscii = whole.length === text.length;
  const strings = new Array<string>(count);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const end = at + (lengths[index] as number);
    strings[index] = isAscii ? whole.slice(at, end) : text.toString('utf8', at, end);
    at = end;
  }
  return strings;
}
