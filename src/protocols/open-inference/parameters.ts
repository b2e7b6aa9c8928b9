import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';

/** The parameters of a request, an input or an output, as plain values; what is not known here is left alone. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Undefined where the parameter is absent. */
export function booleanParameter(parameters: Parameters, name: string, subject: string): boolean | undefined {
  const value = own(parameters, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidArgument(`${subject}parameters.${name}: expected true or false, got ${shownValue(value)}`);
}

/** A whole number from 0 on; undefined where the parameter is absent. */
export function countParameter(parameters: Parameters, name: string, subject: string): number | undefined {
  const value = own(parameters, name);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidArgument(`${subject}parameters.${name}: expected a whole number from 0 on, got ${shownValue(value)}`);
}

/** Null is as good as absent: some clients write every field. */
export const own = (parameters: Parameters, name: string): unknown =>
  Object.hasOwn(parameters, name) ? (parameters[name] ?? undefined) : undefined;

/** What the protocol and its extensions say of any request. */
const ofProtocol: ReadonlySet<string> = new Set([
  'binary_data_output',
  'headers',
  'non_finite',
  'priority',
  'sequence_end',
  'sequence_id',
  'sequence_start',
  'timeout',
  'triton_enable_empty_final_response',
]);

/** What a task is asked for: all that is not the protocol's own. */
export const taskParameters = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !ofProtocol.has(name)));
