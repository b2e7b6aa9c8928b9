import { formatByteSize } from './byte-size.js';
import type { JsonSchema, SettingSchema } from './json-schema.js';
import { variablesOf } from './read-environment.js';
import { flagName } from './setting-names.js';
import { settingKeys, settings } from './settings.js';

/** One setting as the documentation shows it. */
export interface SettingReference {
  /** `--port`. */
  readonly flag: string;
  /** What follows the flag: `INTEGER`, `some|all`; empty for a switch. */
  readonly placeholder: string;
  readonly variables: readonly string[];
  readonly defaultText: string;
  readonly description: string;
}

/** Every setting, in the order of the documentation. */
export function settingReferences(): SettingReference[] {
  return settingKeys.map((key) => {
    const schema: SettingSchema = settings[key];
    return {
      flag: `--${flagName(key)}`,
      placeholder: key === 'models' ? 'DIR' : placeholderOf(schema),
      variables: variablesOf(key),
      defaultText: defaultTextOf(schema),
      description: schema.description,
    };
  });
}

function placeholderOf(schema: JsonSchema & Pick<SettingSchema, 'unit'>): string {
  if (schema.anyOf) return schema.anyOf.map((one) => placeholderOf(one) || 'true|false').join('|');
  const choices = schema.enum ?? schema.items?.enum;
  if (choices) return choices.join('|') + (schema.items ? ',…' : '');
  if (schema.unit === 'bytes') return 'SIZE';
  if (schema.unit === 'file') return 'FILE';
  if (schema.type === 'boolean') return '';
  if (schema.type === 'number') return 'NUMBER';
  return schema.type === 'integer' ? 'INTEGER' : 'TEXT';
}

function defaultTextOf(schema: SettingSchema): string {
  const usual = schema.default;
  if (usual === undefined) return schema.defaultText ?? 'none';
  if (Array.isArray(usual)) return usual.join(',') || 'none';
  return schema.unit === 'bytes' ? formatByteSize(Number(usual)) : String(usual);
}
