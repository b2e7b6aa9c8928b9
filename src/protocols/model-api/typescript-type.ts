import type { JsonSchema } from '../http/json-schema.js';

/** Values without a size, so many at most, are written as a tuple. */
const longestTuple = 8;

/**
 * The TypeScript type of what a schema of this server describes. `null` for a number is left out: the client reads it back
 * as the number that JSON has no word for.
 */
export function typescriptType(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (Array.isArray(schema.anyOf)) return union((schema.anyOf as JsonSchema[]).map(typescriptType));
  const type = Array.isArray(schema.type) ? (schema.type as string[]).find((name) => name !== 'null') : schema.type;
  switch (type) {
    case 'number':
    case 'integer':
      return 'number';
    case 'string':
    case 'boolean':
      return type;
    case 'array':
      return arrayType(schema);
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ');

function arrayType({ items, minItems, maxItems }: JsonSchema): string {
  const item = typescriptType(items as JsonSchema);
  const isFlat = !item.startsWith('readonly ');
  if (isFlat && typeof maxItems === 'number' && minItems === maxItems && maxItems <= longestTuple) {
    return `readonly [${Array.from({ length: maxItems }, () => item).join(', ')}]`;
  }
  return `readonly ${/[ |]/.test(item) ? `(${item})` : item}[]`;
}

function objectType({ properties = {}, required = [] }: JsonSchema): string {
  const names = required as readonly string[];
  const fields = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(
    ([name, schema]) => `readonly ${JSON.stringify(name)}${names.includes(name) ? '' : '?'}: ${typescriptType(schema)}`,
  );
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${fields.join('; ')} }`;
}
