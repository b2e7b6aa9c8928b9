import { type JsonDocument, type JsonNode, numericText } from '../codecs/json-document.js';
import { invalidArgument } from '../core/serving-error.js';

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
      return `the string ${JSON.stringify(shorten(node))}`;
    case 'number':
      return 'a number or an array of numbers';
    case 'boolean':
      return String(node);
    default:
      return 'an object';
  }
}

/** Text from a request, short enough to stand in a message. */
export const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
