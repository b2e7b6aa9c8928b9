import type { ModelSelector } from '../../core/model.js';
import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';

/** Path parameters of every route below `/models/{name}`; decoded once, by the router. */
export interface ModelParams {
  readonly name: string;
  readonly version?: string;
  readonly label?: string;
}

const positiveInteger = /^[1-9]\d{0,14}$/;

/** The name is taken as it is: it is looked up among those that are known, and leads to no file. */
export function selectorOf({ name, version, label }: ModelParams): ModelSelector {
  if (version !== undefined) return { name, version: readVersion(version) };
  return label === undefined ? { name } : { name, label };
}

function readVersion(text: string): number {
  if (positiveInteger.test(text)) return Number(text);
  throw invalidArgument(`model version: expected a positive integer, got ${shownValue(text)}`);
}
