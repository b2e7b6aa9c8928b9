import { formatByteSize } from './byte-size.js';
import type { JsonSchema, SettingSchema } from './json-schema.js';
import { describeSchema } from './schema-description.js';
import { suggestion } from './setting-names.js';

/** What is wrong at one place of a JSON value. */
export interface SchemaProblem {
  /** Where, as in `versionPolicy.specific[1]`; empty for the value itself. */
  readonly path: string;
  /** What was expected there and what came. */
  readonly message: string;
}

/** Every way in which the value departs from the schema. */
export function schemaProblems(schema: JsonSchema, value: unknown, path = ''): SchemaProblem[] {
  if (schema.anyOf) return alternativeProblems(schema, schema.anyOf, value, path);
  if (!matchesItself(schema, value)) {
    return [mismatch(schema, value, path)];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => schemaProblems(items, item, `${path}[${index}]`)) : [];
  }
  return isObject(value) ? memberProblems(schema, value, path) : [];
}

function mismatch(schema: JsonSchema | SettingSchema, value: unknown, path: string): SchemaProblem {
  const isSize = 'unit' in schema && typeof value === 'number';
  const came = isSize ? formatByteSize(value) : showValue(value);
  return { path, message: `expected ${describeSchema(schema)}, got ${came}` };
}

/** The value as it stands in a message: JSON, shortened. */
export function showValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Whether the value fits without its items and members. */
function matchesItself(schema: JsonSchema, value: unknown): boolean {
  if (schema.enum) return schema.enum.includes(value);
  switch (schema.type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value) && value.length >= (schema.minItems ?? 0);
    case 'boolean':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string' && matchesText(schema, value);
    case 'integer':
      return Number.isSafeInteger(value) && isWithin(schema, value as number);
    case 'number':
      return Number.isFinite(value) && isWithin(schema, value as number);
    default:
      return true;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const matchesText = (schema: JsonSchema, text: string): boolean =>
  text.length >= (schema.minLength ?? 0) && (schema.pattern === undefined || new RegExp(schema.pattern).test(text));

const isWithin = (schema: JsonSchema, value: number): boolean =>
  value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);

/** An object that shares a key with just one alternative is told what is wrong with that one. */
function alternativeProblems(
  schema: JsonSchema,
  alternatives: readonly JsonSchema[],
  value: unknown,
  path: string,
): SchemaProblem[] {
  if (alternatives.some((alternative) => schemaProblems(alternative, value).length === 0)) return [];
  const meant = alternatives.filter(
    ({ properties }) =>
      properties && isObject(value) && Object.keys(value).some((key) => Object.hasOwn(properties, key)),
  );
  if (meant.length === 1) return schemaProblems(meant[0]!, value, path);
  return [mismatch(schema, value, path)];
}

function memberProblems(schema: JsonSchema, object: Record<string, unknown>, path: string): SchemaProblem[] {
  const known = schema.properties ?? {};
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(object, key));
  return [
    ...missing.map((key) => ({
      path: member(path, key),
      message: `expected ${describeSchema(known[key] ?? {})}, got nothing`,
    })),
    ...Object.entries(object).flatMap(([key, value]) => {
      const at = member(path, key);
      if (Object.hasOwn(known, key)) return schemaProblems(known[key]!, value, at);
      if (schema.propertyNames && !new RegExp(schema.propertyNames.pattern).test(key)) {
        return [
          { path: at, message: `expected a name that matches ${schema.propertyNames.pattern}, got ${showValue(key)}` },
        ];
      }
      if (schema.additionalProperties === false) {
        return [{ path: at, message: `there is no such key${suggestion(key, Object.keys(known))}` }];
      }
      return schema.additionalProperties ? schemaProblems(schema.additionalProperties, value, at) : [];
    }),
  ];
}

const member = (path: string, key: string): string => {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${showValue(key)}]`;
  return path === '' ? key : `${path}.${key}`;
};
