import { invalidArgument, type ServingError } from '../core/serving-error.js';
import { endOfNumber, startsNumber } from './number-token.js';
import { asBuffer } from './utf8.js';

/** What may come next, in the words of the message. */
type Expectation =
  | 'a value'
  | "a value or ']'"
  | "a string as key or '}'"
  | 'a string as key'
  | "':'"
  | "',' or ']'"
  | "',' or '}'"
  | 'the end of the text';

interface Fault {
  readonly at: number;
  readonly problem: string;
}

/** Says where and why a text is not JSON. For texts that JSON.parse has refused: nothing is built. */
export function jsonSyntaxError(bytes: Uint8Array): ServingError {
  const { at, problem } = findFault(bytes);
  return invalidArgument(`the body is not valid JSON: ${problem} at ${describePosition(bytes, at)}`);
}

/** `line 2, column 5 (byte 27)`; lines and columns count from 1, bytes from 0. */
export function describePosition(bytes: Uint8Array, at: number): string {
  const before = asBuffer(bytes.subarray(0, at)).toString();
  const lines = before.split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1} (byte ${at})`;
}

function findFault(bytes: Uint8Array): Fault {
  const open: number[] = [];
  let expected: Expectation = 'a value';
  const afterValue = (): Expectation =>
    open.length === 0 ? 'the end of the text' : open.at(-1) === 0x5b ? "',' or ']'" : "',' or '}'";
  let at = 0;
  for (;;) {
    at = endOfWhitespace(bytes, at);
    const byte = bytes[at];
    const unexpected = { at, problem: `expected ${expected}, got ${describeByte(bytes, at)}` };
    if (byte === undefined) return unexpected;
    switch (expected) {
      case 'a value':
      case "a value or ']'": {
        if (byte === 0x5d && expected === "a value or ']'") {
          open.pop();
          expected = afterValue();
          at++;
        } else if (byte === 0x5b || byte === 0x7b) {
          open.push(byte);
          expected = byte === 0x5b ? "a value or ']'" : "a string as key or '}'";
          at++;
        } else {
          const end = byte === 0x22 ? checkString(bytes, at) : endOfScalar(bytes, at);
          if (typeof end !== 'number') return end;
          if (end < 0) return startsNumber(byte) ? { at, problem: 'a malformed number' } : unexpected;
          at = end;
          expected = afterValue();
        }
        break;
      }
      case "a string as key or '}'":
      case 'a string as key': {
        if (byte === 0x7d && expected !== 'a string as key') {
          open.pop();
          expected = afterValue();
          at++;
          break;
        }
        if (byte !== 0x22) return unexpected;
        const end = checkString(bytes, at);
        if (typeof end !== 'number') return end;
        at = end;
        expected = "':'";
        break;
      }
      case "':'":
        if (byte !== 0x3a) return unexpected;
        expected = 'a value';
        at++;
        break;
      case "',' or ']'":
      case "',' or '}'": {
        if (byte === (expected === "',' or ']'" ? 0x5d : 0x7d)) {
          open.pop();
          expected = afterValue();
        } else if (byte === 0x2c) {
          expected = expected === "',' or ']'" ? 'a value' : 'a string as key';
        } else return unexpected;
        at++;
        break;
      }
      case 'the end of the text':
        return unexpected;
    }
  }
}

function endOfWhitespace(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

function endOfScalar(bytes: Uint8Array, at: number): number {
  for (const word of ['true', 'false', 'null']) {
    if (asBuffer(bytes.subarray(at, at + word.length)).toString('latin1') === word) return at + word.length;
  }
  return endOfNumber(bytes, at);
}

/** The index after the string's closing quote, or what is wrong with the string. */
function checkString(bytes: Uint8Array, start: number): number | Fault {
  for (let at = start + 1; ; at++) {
    const byte = bytes[at];
    if (byte === undefined) return { at, problem: 'a string that does not end' };
    if (byte === 0x22) return at + 1;
    if (byte < 0x20) return { at, problem: `an unescaped control character (${describeByte(bytes, at)}) in a string` };
    if (byte !== 0x5c) continue;
    const sequence = asBuffer(bytes.subarray(at, at + 6)).toString('latin1');
    if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(sequence)) return { at, problem: 'an unknown escape in a string' };
    at++;
  }
}

function describeByte(bytes: Uint8Array, at: number): string {
  const byte = bytes[at];
  if (byte === undefined) return 'the end of the text';
  if (byte < 0x20 || byte === 0x7f) return `byte 0x${byte.toString(16).padStart(2, '0')}`;
  const [character] = asBuffer(bytes.subarray(at, at + 4)).toString();
  return `'${character}'`;
}
