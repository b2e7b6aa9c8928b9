import { JsonScanner, type NumericText } from './json-scanner.js';
import { asBuffer } from './utf8.js';

/**
 * A tree, which may be shared between documents, of JSON where every number, and every array that holds nothing but numbers (nested too), stands as a handle:
 * a `number` in the tree is an index into `numericTexts`, never a value. NaN, Infinity and -Infinity are numbers.
 */
export type JsonNode = null | boolean | string | number | readonly JsonNode[] | { readonly [key: string]: JsonNode };

export interface JsonDocument {
  readonly root: JsonNode;
  readonly bytes: Uint8Array;
  readonly numericTexts: readonly NumericText[];
  /** Tells this document's bytes from any other's. */
  readonly key: object;
}

/**
 * Strict JSON in UTF-8; repeated keys: the last one counts; `__proto__` is a key like any other.
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
  // Numeric texts hold no strings, so a string in the quoted text is one of the three words.
  const quoted = numericText(document, handle).replace(/-?Infinity|NaN/g, '"$&"');
  return JSON.parse(quoted, (_key, value: unknown) => (typeof value === 'string' ? Number(value) : value)) as unknown;
}

/** The text behind a handle, as it was sent. */
export function numericText(document: JsonDocument, handle: number): string {
  const { start, end } = document.numericTexts[handle] as NumericText;
  return asBuffer(document.bytes).toString('latin1', start, end);
}
