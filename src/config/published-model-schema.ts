import { modelConfigSchema } from './model-config-schema.js';

/** The text of the top-level model.schema.json, which a `model.json` may name in `$schema`. */
export function publishedModelSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Slipway model.json: a model's own settings, all optional",
    ...modelConfigSchema,
  };
  return `${inlineLists(JSON.stringify(schema, null, 2))}\n`;
}

/** Puts lists without lists or objects in them on one line, as the formatter does. */
const inlineLists = (json: string): string =>
  json.replace(/\[\n\s+([^[\]{}]*)\n\s+\]/g, (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`);
