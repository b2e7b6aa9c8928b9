import type { ModelSelector } from '../../core/model.js';
import { invalidArgument } from '../../core/serving-error.js';

/** Path parameters of every route below `/models/{name}`; decoded once, by the router. */
export interface ModelParams {
  readonly name: string;
  readonly version?: string;
  readonly label?: string;
}

const positiveInteger = /^[1-9]\d{0,14}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no name may hold
const neverInNames = /[\u0000-\u001f\u007f/\\]/;

/** Throws INVALID_ARGUMENT for what can be the name of no model, so that it never reaches anything that reads files. */
export function selectorOf({ name, version, label }: ModelParams): ModelSelector {
  if (neverInNames.test(name)) {
    throw invalidArgument(`model name ${JSON.stringify(name)} holds a slash, a backslash or a control character`);
  }
  if (version !== undefined) return { name, version: readVersion(version) };
  return label === undefined ? { name } : { name, label };
}

function readVersion(text: string): number {
  if (positiveInteger.test(text)) return Number(text);
  throw invalidArgument(`model version: expected a positive integer, got ${JSON.stringify(text)}`);
}
