/** A JSON Schema, written by hand: what the API's description needs of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const text = (keywords: JsonSchema = {}): JsonSchema => ({ type: 'string', ...keywords });
export const oneOf = (values: readonly string[], keywords: JsonSchema = {}): JsonSchema =>
  text({ enum: values, ...keywords });
export const integer = (keywords: JsonSchema = {}): JsonSchema => ({ type: 'integer', ...keywords });
export const number = (keywords: JsonSchema = {}): JsonSchema => ({ type: 'number', ...keywords });
export const truth = (keywords: JsonSchema = {}): JsonSchema => ({ type: 'boolean', ...keywords });
/** Any value. */
export const anything = (keywords: JsonSchema = {}): JsonSchema => ({ ...keywords });
export const list = (items: JsonSchema, keywords: JsonSchema = {}): JsonSchema => ({
  type: 'array',
  items,
  ...keywords,
});
/** An object with any names. */
export const record = (values: JsonSchema, keywords: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  additionalProperties: values,
  ...keywords,
});

interface ObjectKeywords extends JsonSchema {
  /** Properties that may be absent. */
  readonly optional?: Readonly<Record<string, JsonSchema>>;
}

/** `properties` are those that must be there. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  { optional = {}, ...keywords }: ObjectKeywords = {},
): JsonSchema {
  const required = Object.keys(properties);
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: { ...properties, ...optional },
    ...keywords,
  };
}

/** The schema that was added to the server under this `$id`. */
export const reference = (id: string): JsonSchema => ({ $ref: `${id}#` });
