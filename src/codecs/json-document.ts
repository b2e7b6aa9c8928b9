import { JsonScanner } from './json-scanner.js';
import { asBuffer, latin1Text } from './utf8.js';

/**
 * JSON in which every number, and every array that holds nothing but numbers (nested too), stands as a handle: a
 * `number` in the tree is one, see `extentOf`, never a value. NaN, Infinity and -Infinity are numbers. Documents may
 * share trees.
 */
export type JsonNode = null | boolean | string | number | readonly JsonNode[] | { readonly [key: string]: JsonNode };

export interface JsonDocument {
  readonly root: JsonNode;
  readonly bytes: Uint8Array;
  /** Start, end and count of every numeric text, one behind the other: an object for each would cost more than reading it. */
  readonly extents: readonly number[];
  /** Tells this document's bytes from any other's. */
  readonly key: object;
}

/**
 * Strict JSON in UTF-8; repeated keys as JSON.parse takes them; `__proto__` is a key like any other.
 * Throws INVALID_ARGUMENT with line, column and byte: malformed, nested deeper than 64 levels, not UTF-8.
 * The document reads from `bytes` for as long as it is used.
 */
export function parseJson(bytes: Uint8Array): JsonDocument {
  return new JsonScanner(bytes).scan();
}

/** The plain value, numbers as doubles: for parameters, ids and the like. */
export function plainValue(document: JsonDocument, node: JsonNode): unknown {
  if (typeof node === 'number') return plainNumbers(document, node);
  if (Array.isArray(node)) return node.map((item) => plainValue(document, item));
  if (node === null || typeof node !== 'object') return node;
  // Object.fromEntries defines keys rather than setting them: `__proto__` stays a key.
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, plainValue(document, value)]));
}

function plainNumbers(document: JsonDocument, handle: number): unknown {
  const text = numericText(document, handle);
  if (!text.startsWith('[')) return Number(text);
  if (!/[NI]/.test(text)) return JSON.parse(text) as unknown;
  // Numeric texts hold no strings, so a string in the quoted text is one of the three words.
  const quoted = text.replace(/-?Infinity|NaN/g, '"$&"');
  return JSON.parse(quoted, (_key, value: unknown) => (typeof value === 'string' ? Number(value) : value)) as unknown;
}

/** A number, or an array that holds nothing but numbers and such arrays, where it stands in the text. */
export interface NumericExtent {
  readonly start: number;
  readonly end: number;
  /** How many numbers it holds. */
  readonly count: number;
}

export function extentOf({ extents }: JsonDocument, handle: number): NumericExtent {
  const at = 3 * handle;
  return { start: extents[at] as number, end: extents[at + 1] as number, count: extents[at + 2] as number };
}

/** The text behind a handle, as it was sent. */
export function numericText(document: JsonDocument, handle: number): string {
  const { start, end } = extentOf(document, handle);
  return latin1Text(asBuffer(document.bytes), start, end);
}
