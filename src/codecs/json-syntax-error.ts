import { invalidArgument, type ServingError } from '../core/serving-error.js';
import { JsonFault, JsonGrammar } from './json-grammar.js';
import { asBuffer } from './utf8.js';

/** Says where and why a text that was refused is not JSON. */
export function jsonSyntaxError(bytes: Uint8Array): ServingError {
  try {
    new JsonGrammar(bytes).check();
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return invalidArgument(`the body is not valid JSON: ${fault.message} at ${describePosition(bytes, fault.at)}`);
  }
  return invalidArgument('the body is not valid JSON');
}

/** `line 2, column 5 (byte 27)`; lines and columns count from 1, bytes from 0. */
export function describePosition(bytes: Uint8Array, at: number): string {
  const before = asBuffer(bytes.subarray(0, at));
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let end = before.indexOf('\n'); end >= 0; end = before.indexOf('\n', end + 1)) line++;
  return `line ${line}, column ${before.toString('utf8', lineStart).length + 1} (byte ${at})`;
}
