import { isIP } from 'node:net';
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
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(trimmed) ? Number(trimmed) : text;
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

/** As it is listened on: an IPv6 address may be given in the brackets that it has in an URL. */
export const hostAddress = (text: string): string => {
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  return inner !== undefined && isIP(inner) === 6 ? inner : text;
};

/** Whether the text says by itself where to listen, without a name server. */
export const isListenAddress = (text: string): boolean => text === 'localhost' || isIP(hostAddress(text)) !== 0;
