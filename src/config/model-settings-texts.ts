import type { ModelConfig } from '../core/model-config.js';
import { parseJsonText } from './json-text.js';
import { parseModelJson } from './model-config-schema.js';
import type { TextField, TextValue } from './protobuf-text.js';
import { parseTritonConfig, type TritonSettings, tritonSettings } from './triton-model-config.js';

/** How the texts of a model's settings files are read. */
export const modelSettingsParsers = { json: parseModelJson, triton: parseTritonConfig };

/** No settings lie deeper. */
const deepestNesting = 32;

export interface LoadOverride extends Pick<TritonSettings, 'config' | 'notes'> {
  /** Which of the files that came along is the model. */
  readonly choice: Pick<ModelConfig, 'file' | 'variant'>;
}

/**
 * Settings that come with a request to load: as `model.json` has them, or Triton's model configuration as JSON. Throws an
 * Error that says what is wrong. `hasFiles`: whether the model's files came along.
 */
export function parseLoadOverride(text: string, modelName: string, hasFiles = false): LoadOverride {
  const json = parseJsonText(text);
  if (!isObject(json)) throw new Error('expected a JSON object');
  const isTriton = Object.keys(json).some((key) => key.includes('_') || tritonOnly.has(key));
  if (!isTriton) return withoutFile(parseModelJson(text), [], hasFiles);
  const { config, notes } = tritonSettings(fieldsOf(json, 0), modelName);
  return withoutFile(config, notes, hasFiles);
}

/** Names that `model.json` does not have, and that have no line in them either. */
const tritonOnly: ReadonlySet<string> = new Set([
  'name',
  'platform',
  'backend',
  'runtime',
  'input',
  'output',
  'optimization',
]);

/** Which file is the model is looked up where it lies, unless the files came along. */
function withoutFile(
  { file, variant, ...config }: Partial<ModelConfig>,
  notes: readonly string[],
  hasFiles: boolean,
): LoadOverride {
  const choice = { ...(file !== undefined && { file }), ...(variant !== undefined && { variant }) };
  const isIdle = !hasFiles && Object.keys(choice).length > 0;
  return {
    config,
    choice,
    notes: isIdle ? [...notes, "the model's file is not chosen by a request to load without files"] : notes,
  };
}

function fieldsOf(json: object, depth: number): TextField[] {
  if (depth > deepestNesting) throw new Error(`expected no more than ${deepestNesting} objects in each other`);
  return Object.entries(json).flatMap(([name, value]) => {
    const values = name === 'parameters' && isObject(value) ? Object.entries(value).map(toEntry) : [value].flat();
    return values.flatMap((one) => (one === null ? [] : [{ name, value: textValue(one, depth), line: 1, column: 1 }]));
  });
}

/** A map is a list of keys and values. */
const toEntry = ([key, value]: [string, unknown]): object => ({ key, value });

function textValue(value: unknown, depth: number): TextValue {
  if (typeof value === 'string') return { kind: 'text', text: value, standsForAll: true };
  if (typeof value === 'number') return { kind: 'number', number: value };
  if (typeof value === 'boolean') return { kind: 'word', text: String(value) };
  return { kind: 'message', fields: fieldsOf(value as object, depth + 1) };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
