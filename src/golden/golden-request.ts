import { parseJson, plainValue } from '../codecs/json-document.js';
import type { Tolerance } from '../core/model-config.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';
import { memberBytes } from './member-bytes.js';

/** A request, and what it has to be answered. */
export interface GoldenRequest {
  /** As its caller would send it. */
  readonly body: Buffer;
  readonly protocol: 'v1' | 'v2';
  /** A JSON value; NaN and infinities may be numbers of it. */
  readonly response: JsonObject;
  readonly tolerance?: Partial<Tolerance>;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The text of a golden file, of two JSON texts as they were sent and got. */
export const writeGoldenRequest = (request: string, response: string): string =>
  `{\n  "request": ${request.trim()},\n  "response": ${response.trim()}\n}\n`;

const keys = ['request', 'response', 'tolerance'];
const toleranceKeys = ['absolute', 'relative'];

/** A file of `golden/`. Throws INVALID_ARGUMENT, to be put after the file's name. */
export function readGoldenRequest(bytes: Buffer): GoldenRequest {
  const root = jsonOf(bytes);
  if (!isObject(root)) throw invalidArgument(`expected an object with "request" and "response", got ${kindOf(root)}`);
  requireKnown(root, keys, '');
  const { request, response, tolerance } = root;
  for (const [key, value] of Object.entries({ request, response })) {
    if (!isObject(value)) throw invalidArgument(`${key}: expected a JSON object, the body, got ${kindOf(value)}`);
  }
  const body = memberBytes(bytes, 'request');
  if (body === undefined) throw invalidArgument('request: expected its name without escapes');
  return {
    body,
    protocol: protocolOf(request as JsonObject),
    response: response as JsonObject,
    ...(tolerance !== undefined && { tolerance: readTolerance(tolerance) }),
  };
}

/** Of a body: tensors of v2 have names and shapes. Throws INVALID_ARGUMENT where it is of neither. */
export function protocolOf({ instances, inputs }: JsonObject): 'v1' | 'v2' {
  if (instances === undefined && inputs === undefined) {
    throw invalidArgument('request: expected "instances" or "inputs" in it, as v1 and v2 have them');
  }
  const [first] = Array.isArray(inputs) ? inputs : [];
  return isObject(first) && 'name' in first && ('shape' in first || 'datatype' in first) ? 'v2' : 'v1';
}

function readTolerance(tolerance: unknown): Partial<Tolerance> {
  if (!isObject(tolerance)) {
    throw invalidArgument(`tolerance: expected {"absolute": NUMBER, "relative": NUMBER}, got ${shownValue(tolerance)}`);
  }
  requireKnown(tolerance, toleranceKeys, 'tolerance.');
  for (const [key, value] of Object.entries(tolerance)) {
    if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) continue;
    throw invalidArgument(`tolerance.${key}: expected a number of at least 0, got ${shownValue(value)}`);
  }
  return tolerance;
}

function requireKnown(object: JsonObject, known: readonly string[], place: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const names = known.map((key) => `"${key}"`).join(', ');
  throw invalidArgument(`${place}${shownValue(unknown)} is unknown; expected ${names}`);
}

/** Numbers are doubles, and the words NaN and Infinity numbers. */
export function jsonOf(bytes: Buffer): unknown {
  try {
    const document = parseJson(bytes);
    return plainValue(document, document.root);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    throw invalidArgument(error.message.replace(/^the body is/, 'it is'));
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string => (value === undefined ? 'nothing' : shownValue(value));
