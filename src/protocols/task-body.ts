import { parseJson, plainValue } from '../codecs/json-document.js';
import { nearestName } from '../core/nearest-name.js';
import { invalidArgument } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';
import type { Tensor } from '../core/tensor.js';
import type { ModelFacts } from '../inference/inference-codec.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a JSON object. Throws INVALID_ARGUMENT for any that is none of `known`, which is all of them where absent. */
export function bodyFields(body: Uint8Array, known?: readonly string[]): Fields {
  if (body.length === 0) throw invalidArgument('the body is empty; send a JSON object');
  const document = parseJson(body);
  const fields = asFields(plainValue(document, document.root), 'the body');
  const unknown = known && Object.keys(fields).find((name) => !known.includes(name));
  if (known === undefined || unknown === undefined) return fields;
  const nearest = nearestName(unknown, known);
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`;
  throw invalidArgument(`the body: ${shownValue(unknown)} is not known here; ${hint}`);
}

/** `subject` opens the message for anything but an object. */
export function asFields(value: unknown, subject: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalidArgument(`${subject}: expected an object, got ${shownValue(value)}`);
}

export function textField(fields: Fields, name: string): string {
  const value = own(fields, name);
  if (typeof value === 'string') return value;
  throw invalidArgument(`${name}: expected a string, got ${shownValue(value)}`);
}

export function optionalTruth(fields: Fields, name: string): boolean {
  const value = own(fields, name) ?? false;
  if (typeof value === 'boolean') return value;
  throw invalidArgument(`${name}: expected true or false, got ${shownValue(value)}`);
}

/** Null is as good as absent: some clients write every field. */
export const own = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;

/** Throws INVALID_ARGUMENT where the model gives something else. */
export function requireOutput({ signature }: ModelFacts, name: string, what: string): void {
  if (signature.outputs.some((output) => output.name === name) && signature.inputs[0]?.name === 'text') return;
  throw invalidArgument(`the model is no ${what}: its description at /v2/models says what it takes and gives`);
}

export const textTensor = (texts: readonly string[]): Tensor => ({
  dataType: 'BYTES',
  shape: [texts.length],
  data: texts,
});
