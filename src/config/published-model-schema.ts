import { modelConfigSchema } from './model-config-schema.js';

/** The text of the top-level model.schema.json, which a `model.json` may name in `$schema`. */
export function publishedModelSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Slipway model.json: a model's own settings, all optional",
    ...modelConfigSchema,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
