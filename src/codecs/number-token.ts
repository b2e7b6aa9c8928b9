const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const endOfText = -1;

const isDigit = (byte: number): boolean => byte >= zero && byte <= nine;

/** Whether a number token can start with this byte: a digit, `-`, the N of NaN, the I of Infinity. */
export const startsNumber = (byte: number): boolean =>
  (byte >= zero && byte <= nine) || byte === minus || byte === 0x4e || byte === 0x49;

/**
 * The index after the number that starts at `start`, by JSON's grammar with the tokens NaN, Infinity and -Infinity
 * added, or -1 when none starts there. What follows the number is not looked at.
 */
export function endOfNumber(bytes: Uint8Array, start: number): number {
  // Never reads beyond the end: a read that may be undefined makes the whole function several times slower.
  const { length } = bytes;
  let at = start;
  let byte = bytes[at] as number;
  if (byte === minus) byte = ++at < length ? (bytes[at] as number) : endOfText;
  if (byte === zero) {
    byte = ++at < length ? (bytes[at] as number) : endOfText;
    if (isDigit(byte)) return -1;
  } else if (isDigit(byte)) {
    do byte = ++at < length ? (bytes[at] as number) : endOfText;
    while (isDigit(byte));
  } else return endOfWord(bytes, start, at);
  if (byte === point) {
    const first = at + 1;
    do byte = ++at < length ? (bytes[at] as number) : endOfText;
    while (isDigit(byte));
    if (at === first) return -1;
  }
  if (byte !== 0x65 && byte !== 0x45) return at;
  byte = ++at < length ? (bytes[at] as number) : endOfText;
  if (byte === minus || byte === plus) byte = ++at < length ? (bytes[at] as number) : endOfText;
  const first = at;
  while (isDigit(byte)) byte = ++at < length ? (bytes[at] as number) : endOfText;
  return at === first ? -1 : at;
}

function endOfWord(bytes: Uint8Array, start: number, afterSign: number): number {
  const word = bytes[afterSign] === 0x49 ? 'Infinity' : 'NaN';
  if (word === 'NaN' && afterSign !== start) return -1;
  for (let i = 0; i < word.length; i++) if (bytes[afterSign + i] !== word.charCodeAt(i)) return -1;
  return afterSign + word.length;
}
