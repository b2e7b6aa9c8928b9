import { formatByteSize } from './byte-size.js';
import type { JsonSchema, SettingSchema } from './json-schema.js';

/** What a value has to be, as it stands after "expected". */
export function describeSchema(schema: JsonSchema | SettingSchema): string {
  if (schema.enum) return anyOf(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.anyOf) return anyOf(schema.anyOf.map(describeSchema));
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
      return describeNumber(schema);
    case 'array':
      return `${schema.minItems ? 'a non-empty list' : 'a list'}${schema.items ? `, each item ${describeSchema(schema.items)}` : ''}`;
    case 'object':
      return describeObject(schema);
    default:
      return describeText(schema);
  }
}

const anyOf = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join() : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

function describeNumber(schema: JsonSchema | SettingSchema): string {
  const isSize = 'unit' in schema && schema.unit === 'bytes';
  const limit = (value: number): string => (isSize ? formatByteSize(value) : String(value));
  const noun = isSize
    ? 'a number of bytes or a size such as 64MiB,'
    : schema.type === 'integer'
      ? 'an integer'
      : 'a number';
  const { minimum } = schema;
  // A limit that only says "exactly representable" tells a reader nothing.
  const maximum = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${limit(minimum)} to ${limit(maximum)}`;
  if (minimum !== undefined) return `${noun} of at least ${limit(minimum)}`;
  return maximum === undefined ? noun : `${noun} of at most ${limit(maximum)}`;
}

function describeText(schema: JsonSchema): string {
  const example = schema.examples?.[0];
  if (example !== undefined) return `a text such as ${JSON.stringify(example)}`;
  return schema.minLength ? 'a non-empty text' : 'a text';
}

function describeObject(schema: JsonSchema): string {
  const members = Object.entries(schema.properties ?? {}).map(
    ([key, member]) => `${JSON.stringify(key)}: ${describeSchema(member)}`,
  );
  if (members.length > 0 && members.length < 3) return `{${members.join(', ')}}`;
  return schema.additionalProperties
    ? `an object of names, each with ${describeSchema(schema.additionalProperties)}`
    : 'an object';
}
