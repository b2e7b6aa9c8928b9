import { type DataType, type IntegerType, integerRanges, isIntegerType } from '../core/data-type.js';
import { invalidArgument, type ServingError } from '../core/serving-error.js';
import { decodeBase64 } from './base64.js';
import { checkString, isText, stringFromBytes } from './bytes-elements.js';
import { roundDecimal } from './decimal-rounding.js';
import { bfloat16ToNumber, halfToNumber, numberToBfloat16, numberToHalf } from './half-float.js';
import type { JsonNode } from './json-document.js';

/** What a tensor's array holds: 16-bit patterns for FP16 and BF16, 0 or 1 for BOOL. */
export type ElementValue = number | bigint | string;

/** Where an element stands. */
export interface Place {
  /** As messages name it: `input "x" at [0][2]`. */
  describe(): string;
}

/** A number as it was sent, as an element: floats correctly rounded (beyond the largest: infinite), integers exact. */
export function elementFromNumber(text: string, dataType: DataType, place: Place): ElementValue {
  if (isIntegerType(dataType)) return integerElement(text, dataType, place);
  switch (dataType) {
    case 'FP64':
      return Number(text);
    case 'FP32':
      return roundDecimal(text, Math.fround);
    case 'FP16':
      return numberToHalf(roundDecimal(text, (value) => halfToNumber(numberToHalf(value))));
    case 'BF16':
      return numberToBfloat16(roundDecimal(text, (value) => bfloat16ToNumber(numberToBfloat16(value))));
    default:
      throw wrongType(dataType, `the number ${shorten(text)}`, place);
  }
}

/** Any other value as an element. */
export function elementFromNode(node: Exclude<JsonNode, number>, dataType: DataType, place: Place): ElementValue {
  if (dataType === 'BYTES') return stringElement(node, place);
  if (dataType === 'BOOL') {
    if (typeof node === 'boolean') return node ? 1 : 0;
  } else if (typeof node === 'string') {
    if (dataType === 'INT64' || dataType === 'UINT64') {
      if (/^-?\d{1,40}$/.test(node)) return integerElement(node, dataType, place);
    } else if (!isIntegerType(dataType) && /^(?:NaN|-?Infinity)$/.test(node)) {
      return elementFromNumber(node, dataType, place);
    }
  }
  throw wrongType(dataType, describeNode(node), place);
}

function integerElement(text: string, dataType: IntegerType, place: Place): number | bigint {
  if (!/^-?\d+$/.test(text)) throw wrongType(dataType, `the number ${shorten(text)}`, place);
  const { min, max } = integerRanges[dataType];
  const value = text.length > 40 ? undefined : BigInt(text);
  if (value === undefined || value < min || value > max) {
    throw invalidArgument(`${place.describe()}: ${shorten(text)} is out of the range of ${dataType}, ${min} to ${max}`);
  }
  return dataType === 'INT64' || dataType === 'UINT64' ? value : Number(value);
}

function stringElement(node: Exclude<JsonNode, number>, place: Place): string {
  if (typeof node === 'string') return isText(node) ? node : checkString(node, place.describe());
  const encoded = base64Of(node);
  if (encoded === undefined) throw wrongType('BYTES', describeNode(node), place);
  return stringFromBytes(decodeBase64(encoded, place.describe()), place.describe());
}

/** The text of `{"b64": text}`. */
export function base64Of(node: JsonNode): string | undefined {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return undefined;
  const { b64 } = node as { readonly b64?: JsonNode };
  return typeof b64 === 'string' && Object.keys(node).length === 1 ? b64 : undefined;
}

function wrongType(dataType: DataType, got: string, place: Place): ServingError {
  return invalidArgument(`${place.describe()}: expected ${expectationOf(dataType)}, got ${got}`);
}

function expectationOf(dataType: DataType): string {
  if (dataType === 'BYTES') return 'a string or {"b64": "…"} (BYTES)';
  if (dataType === 'BOOL') return 'true or false (BOOL)';
  return isIntegerType(dataType) ? `an integer (${dataType})` : `a number (${dataType})`;
}

function describeNode(node: Exclude<JsonNode, number>): string {
  if (node === null) return 'null';
  if (typeof node === 'boolean') return String(node);
  if (typeof node === 'string') return `the string ${JSON.stringify(shorten(node))}`;
  return Array.isArray(node) ? 'an array' : 'an object';
}

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
