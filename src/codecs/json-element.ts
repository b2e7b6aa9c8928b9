import { type DataType, type IntegerType, integerRanges, isIntegerType } from '../core/data-type.js';
import { bfloat16ToNumber, halfToNumber } from '../core/half-values.js';
import { invalidArgument, type ServingError } from '../core/serving-error.js';
import { shortText } from '../core/short-text.js';
import { decodeBase64 } from './base64.js';
import { checkString, isText, stringFromBytes } from './bytes-elements.js';
import { roundDecimal } from './decimal-rounding.js';
import { numberToBfloat16, numberToHalf } from './half-float.js';
import type { JsonNode } from './json-document.js';
import type { TensorTarget } from './tensor-target.js';

/** What a tensor's array holds: 16-bit patterns for FP16 and BF16, 0 or 1 for BOOL. */
export type ElementValue = number | bigint | string;

/** Where an element stands. */
export interface Place {
  /** As messages name it: `input "x" at [0][2]`. */
  describe(): string;
}

/** A number as it was sent, as an element: floats correctly rounded and refused beyond the largest, integers exact. */
export function elementFromNumber(text: string, dataType: DataType, place: Place): ElementValue {
  if (isIntegerType(dataType)) return integerElement(text, dataType, place);
  switch (dataType) {
    case 'FP64':
      return inRange(text, Number(text), dataType, place);
    case 'FP32':
      return inRange(text, roundDecimal(text, Math.fround), dataType, place);
    case 'FP16':
      return numberToHalf(inRange(text, roundDecimal(text, throughHalf), dataType, place));
    case 'BF16':
      return numberToBfloat16(inRange(text, roundDecimal(text, throughBfloat16), dataType, place));
    default:
      throw wrongType(dataType, `the number ${shorten(text)}`, place);
  }
}

const throughHalf = (value: number): number => halfToNumber(numberToHalf(value));
const throughBfloat16 = (value: number): number => bfloat16ToNumber(numberToBfloat16(value));

type FloatType = 'FP64' | 'FP32' | 'FP16' | 'BF16';

const largest = {
  FP64: '1.7976931348623157e+308',
  FP32: '3.4028235e+38',
  FP16: '65504',
  BF16: '3.3895314e+38',
} as const satisfies Record<FloatType, string>;

/** Only who writes the word means an infinity. */
function inRange(text: string, value: number, dataType: FloatType, place: Place): number {
  if (Number.isFinite(value) || /[NI]/.test(text)) return value;
  const words = text.startsWith('-') ? '-Infinity' : 'Infinity';
  throw invalidArgument(
    `${place.describe()}: ${shorten(text)} is beyond the largest ${dataType}, ${largest[dataType]}; send "${words}" to mean infinity`,
  );
}

const isFloatType = (dataType: DataType): dataType is FloatType => dataType in largest;

/** Any other value as an element; `null` where a float is missing, which models know as NaN. */
export function elementFromNode(
  node: Exclude<JsonNode, number>,
  { dataType, content }: Pick<TensorTarget, 'dataType' | 'content'>,
  place: Place,
): ElementValue {
  if (dataType === 'BYTES') return content === 'base64' ? base64Element(node, place) : stringElement(node, place);
  if (dataType === 'BOOL') {
    if (typeof node === 'boolean') return node ? 1 : 0;
  } else if (typeof node === 'string') {
    if (dataType === 'INT64' || dataType === 'UINT64') {
      if (/^-?\d{1,40}$/.test(node)) return integerElement(node, dataType, place);
    } else if (isFloatType(dataType) && /^(?:NaN|-?Infinity)$/.test(node)) {
      return elementFromNumber(node, dataType, place);
    }
  } else if (node === null && isFloatType(dataType)) return elementFromNumber('NaN', dataType, place);
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

/** Whether it is base64 is for whoever decodes it. */
function base64Element(node: Exclude<JsonNode, number>, place: Place): string {
  const encoded = typeof node === 'string' ? node : base64Of(node);
  if (encoded !== undefined) return checkString(encoded, place.describe());
  throw invalidArgument(
    `${place.describe()}: expected {"b64": "…"}, or the same text by itself, got ${describeNode(node)}`,
  );
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

/** Single elements are short, or wrong. */
const shorten = (text: string): string => shortText(text, 41);
