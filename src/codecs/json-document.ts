import { invalidArgument } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';
import { JsonScanner } from './json-scanner.js';
import { skeleton } from './json-skeleton.js';
import { asBuffer, latin1Text } from './utf8.js';

/**
 * JSON in which every number, and every array that holds nothing but numbers (nested too), stands as a handle: a
 * `number` in the tree is one, see `extentOf`, never a value. NaN, Infinity and -Infinity are numbers. Documents may
 * share trees.
 */
export type JsonNode = null | boolean | string | number | readonly JsonNode[] | { readonly [key: string]: JsonNode };

export interface JsonDocument extends Readonly<JsonText> {
  readonly root: JsonNode;
}

/** A text that is scanned. */
export interface JsonText {
  readonly bytes: Uint8Array;
  /** Start, end and count of every numeric text, one behind the other: an object for each would cost more than reading it. */
  readonly extents: number[];
  /** Tells these bytes from any others. */
  readonly key: object;
}

/**
 * Strict JSON in UTF-8, behind a byte order mark or not; repeated keys as JSON.parse takes them; `__proto__` is a key like any other.
 * Throws INVALID_ARGUMENT with line, column and byte: malformed, nested deeper than 64 levels, not UTF-8.
 * The document reads from `bytes` for as long as it is used.
 */
export function parseJson(bytes: Uint8Array): JsonDocument {
  const extents: number[] = [];
  const text = { bytes: plainUtf8(bytes), extents, key: extents };
  const root = skeleton.treeOf(text) ?? new JsonScanner(text).scan();
  return { root, bytes: text.bytes, extents, key: extents };
}

const mark = 0xfeff;
const reversedMark = 0xfffe;

/**
 * The text without the byte order mark that some editors and languages put before it. Throws INVALID_ARGUMENT naming
 * UTF-16 and UTF-32, with a mark or without: of what JSON begins with, every second byte at least is zero there.
 */
function plainUtf8(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 2) return bytes;
  const [first, second] = bytes as Uint8Array & [number, number];
  if (first !== 0 && second !== 0 && first < 0x80) return bytes;
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const pair = (first << 8) | second;
  const [, , third, fourth] = bytes;
  if (pair === mark) throw notUtf8('UTF-16, big-endian');
  if (pair === reversedMark) throw notUtf8(third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16, little-endian');
  if (third === 0 && second === 0 && (first === 0 || fourth === 0)) throw notUtf8('UTF-32');
  if (first === 0 && third === 0) throw notUtf8('UTF-16, big-endian');
  if (second === 0 && fourth === 0) throw notUtf8('UTF-16, little-endian');
  return bytes;
}

const notUtf8 = (encoding: string): Error =>
  invalidArgument(`the body is text in ${encoding} from its first character (byte 0) on; send it in UTF-8`);

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

export type JsonObject = { [key: string]: JsonNode };

export const isObject = (node: JsonNode | undefined): node is JsonObject =>
  typeof node === 'object' && node !== null && !Array.isArray(node);

/** What stands under `key` itself, never what every object inherits. */
export const fieldOf = (object: JsonObject, key: string): JsonNode | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** `subject` opens the message of the INVALID_ARGUMENT for anything but an object. */
export function requireObject(node: JsonNode | undefined, subject: string): JsonObject {
  if (isObject(node)) return node;
  throw invalidArgument(`${subject}: expected an object, got ${kindOf(node)}`);
}

/** The items of an array that may hold anything but numbers; undefined for anything else. An empty one stands as a number. */
export function itemsOf(document: JsonDocument, node: JsonNode | undefined): readonly JsonNode[] | undefined {
  if (typeof node === 'number') return /^\[\s*\]$/.test(numericText(document, node)) ? [] : undefined;
  return Array.isArray(node) ? node : undefined;
}

/** A word for messages. */
export function kindOf(node: JsonNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node === null) return 'null';
  if (Array.isArray(node)) return 'an array';
  switch (typeof node) {
    case 'string':
      return `the string ${shownValue(node)}`;
    case 'number':
      return 'a number or an array of numbers';
    case 'boolean':
      return String(node);
    default:
      return 'an object';
  }
}

/** An object's values as they are, or none where there is no object. `subject` opens the message for anything else. */
export const plainFields = (
  document: JsonDocument,
  node: JsonNode | undefined,
  subject: string,
): Readonly<Record<string, unknown>> =>
  node === undefined || node === null
    ? {}
    : (plainValue(document, requireObject(node, subject)) as object as Record<string, unknown>);
