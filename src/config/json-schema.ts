/** The part of JSON Schema that this project's settings are written in, and all that `schemaProblems` checks. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: { readonly pattern: string };
  /** Of every key that `properties` does not list. */
  readonly additionalProperties?: false | JsonSchema;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

/** A setting of the server; the further keys are this project's own. */
export interface SettingSchema extends JsonSchema {
  readonly description: string;
  readonly unit?: 'bytes' | 'file';
  readonly defaultText?: string;
}
