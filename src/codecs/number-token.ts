const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= zero && byte <= 0x39;

/** Whether a number token can start with this byte: a digit, `-`, the N of NaN, the I of Infinity. */
export const startsNumber = (byte: number): boolean =>
  (byte >= zero && byte <= 0x39) || byte === minus || byte === 0x4e || byte === 0x49;

/**
 * The index after the number that starts at `at`, by JSON's grammar with the tokens NaN, Infinity and -Infinity added,
 * or -1 when none starts there. What follows the number is not looked at.
 */
export function endOfNumber(bytes: Uint8Array, at: number): number {
  const first = bytes[at] === minus ? at + 1 : at;
  const lead = bytes[first];
  if (!isDigit(lead)) return endOfWord(bytes, at, first);
  let end = first + 1;
  if (lead !== zero) end = endOfDigits(bytes, end);
  else if (isDigit(bytes[end])) return -1;
  if (bytes[end] === point) {
    const fraction = end + 1;
    end = endOfDigits(bytes, fraction);
    if (end === fraction) return -1;
  }
  if (((bytes[end] ?? 0) | 0x20) !== 0x65) return end;
  const exponent = bytes[end + 1] === minus || bytes[end + 1] === plus ? end + 2 : end + 1;
  end = endOfDigits(bytes, exponent);
  return end === exponent ? -1 : end;
}

function endOfDigits(bytes: Uint8Array, at: number): number {
  while (isDigit(bytes[at])) at++;
  return at;
}

function endOfWord(bytes: Uint8Array, start: number, afterSign: number): number {
  const word = bytes[afterSign] === 0x49 ? 'Infinity' : 'NaN';
  if (word === 'NaN' && afterSign !== start) return -1;
  for (let i = 0; i < word.length; i++) if (bytes[afterSign + i] !== word.charCodeAt(i)) return -1;
  return afterSign + word.length;
}
