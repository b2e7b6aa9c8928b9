import type { InferenceRequest } from '../../core/inference.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import { plainData } from '../../core/tensor.js';

/** What a text task is asked: texts, perhaps in pairs, or tokens by their numbers. */
export interface TextRequest {
  readonly texts: readonly string[];
  readonly pairs?: readonly string[];
  /** In place of texts: of each row. */
  readonly tokens?: readonly Int32Array[];
}

/** A longer text is rejected before anything looks at it. */
export const mostCharacters = 2 ** 19;
/** More texts are rejected. */
export const mostTexts = 2048;
const loneSurrogate = /\p{Surrogate}/u;

/** Throws INVALID_ARGUMENT that names the input and the text. */
export function readTextRequest(
  { inputs }: Pick<InferenceRequest, 'inputs'>,
  pairsAre: 'must' | 'may' | 'no',
): TextRequest {
  const [text, pair, tokens] = ['text', 'text_pair', 'tokens'].map((name) => inputs.get(name));
  for (const name of inputs.keys()) {
    if (name === 'text' || name === 'tokens' || (name === 'text_pair' && pairsAre !== 'no')) continue;
    throw invalidArgument(
      `the model has no input "${name}"; its inputs are "text"${pairsAre === 'no' ? '' : ' and "text_pair"'}`,
    );
  }
  if (tokens !== undefined) {
    if (text !== undefined || pair !== undefined)
      throw invalidArgument('input "tokens" takes the place of texts; send one of them');
    return { texts: [], tokens: tokenRows(tokens) };
  }
  if (text === undefined) throw invalidArgument('input "text" is missing: expected BYTES[?], a string a row');
  const texts = stringsOf('text', text);
  if (pair === undefined) {
    if (pairsAre === 'must') throw invalidArgument('input "text_pair" is missing: this model compares two texts');
    return { texts };
  }
  const pairs = stringsOf('text_pair', pair);
  if (pairs.length !== texts.length) {
    throw invalidArgument(
      `input "text_pair": expected ${texts.length} texts, as many as "text" has, got ${pairs.length}`,
    );
  }
  return { texts, pairs };
}

/** `[rows]` or `[rows, 1]`. */
function stringsOf(name: string, { dataType, shape, data }: Tensor): readonly string[] {
  const [rows = 0, width = 1, ...rest] = shape;
  if (dataType !== 'BYTES' || shape.length === 0 || width !== 1 || rest.length > 0) {
    throw invalidArgument(`input "${name}": expected BYTES[?], a string a row, got ${dataType}[${shape.join(', ')}]`);
  }
  requireRows(name, rows);
  const texts = plainData(data) as readonly string[];
  for (const [index, text] of texts.entries()) {
    const where = `input "${name}", text ${index}`;
    if (text.length > mostCharacters) {
      throw invalidArgument(
        `${where}: expected up to ${mostCharacters} characters, got ${text.length}; send it in parts`,
      );
    }
    if (loneSurrogate.test(text))
      throw invalidArgument(`${where}: half of a surrogate pair stands alone, which is no text`);
  }
  return texts;
}

function requireRows(name: string, rows: number): void {
  if (rows === 0) throw invalidArgument(`input "${name}": expected one text or more, got none`);
  if (rows > mostTexts)
    throw invalidArgument(`input "${name}": expected up to ${mostTexts} texts, got ${rows}; send them in parts`);
}

/** INT32[rows, longest]; −1 fills shorter rows up. */
function tokenRows({ dataType, shape, data }: Tensor): readonly Int32Array[] {
  const [rows = 0, length = 0] = shape;
  if (dataType !== 'INT32' || shape.length !== 2) {
    throw invalidArgument(
      `input "tokens": expected INT32[?, ?], −1 where a row is shorter, got ${dataType}[${shape.join(', ')}]`,
    );
  }
  requireRows('tokens', rows);
  return Array.from({ length: rows }, (_, row) => {
    const tokens = (data as Int32Array).subarray(row * length, (row + 1) * length);
    const end = tokens.indexOf(-1);
    const own = end < 0 ? tokens : tokens.subarray(0, end);
    if (own.length === 0) throw invalidArgument(`input "tokens", row ${row}: expected one token or more, got none`);
    return own;
  });
}
