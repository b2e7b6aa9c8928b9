import { parseByteSize } from './byte-size.js';
import type { JsonSchema, SettingSchema } from './json-schema.js';

const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** The value that a flag's or a variable's text stands for; the text itself where it stands for none. */
export function valueFromText(schema: JsonSchema & Pick<SettingSchema, 'unit'>, text: string): unknown {
  const trimmed = text.trim();
  if (schema.anyOf) {
    const values = schema.anyOf.map((alternative) => valueFromText(alternative, text));
    return values.find((value) => value !== text) ?? trimmed;
  }
  if (schema.unit === 'bytes') return parseByteSize(trimmed) ?? text;
  switch (schema.type) {
    case 'integer':
      return /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : text;
    case 'boolean':
      return truths.get(trimmed.toLowerCase()) ?? text;
    case 'array':
      return trimmed.split(/[\s,]+/).filter((item) => item !== '');
    default:
      return text;
  }
}

/** The value that a file's JSON stands for: sizes may be texts there. */
export function valueFromJson(schema: SettingSchema, json: unknown): unknown {
  return schema.unit === 'bytes' && typeof json === 'string' ? (parseByteSize(json) ?? json) : json;
}
