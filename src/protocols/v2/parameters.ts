import { type JsonDocument, type JsonNode, plainValue } from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import { requireObject } from '../json-fields.js';

/** A `parameters` object; what is not known here is left alone. */
export type Parameters = Readonly<Record<string, unknown>>;

export function readParameters(document: JsonDocument, node: JsonNode | undefined, subject: string): Parameters {
  if (node === undefined || node === null) return {};
  return plainValue(document, requireObject(node, `${subject}parameters`)) as Parameters;
}

/** Undefined where the parameter is absent. */
export function booleanParameter(parameters: Parameters, name: string, subject: string): boolean | undefined {
  const value = own(parameters, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidArgument(`${subject}parameters.${name}: expected true or false, got ${JSON.stringify(value)}`);
}

/** A whole number from 0 on; undefined where the parameter is absent. */
export function countParameter(parameters: Parameters, name: string, subject: string): number | undefined {
  const value = own(parameters, name);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidArgument(
    `${subject}parameters.${name}: expected a whole number from 0 on, got ${JSON.stringify(value)}`,
  );
}

export const own = (parameters: Parameters, name: string): unknown =>
  Object.hasOwn(parameters, name) ? parameters[name] : undefined;
