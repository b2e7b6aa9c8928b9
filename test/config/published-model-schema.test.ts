import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { modelConfigSchema, parseModelConfig, publishedModelSchema } from '../../src/config/model-config-schema.js';
import { schemaProblems } from '../../src/config/schema-problems.js';
import { projectRoot } from '../../tools/project-root.js';

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(publishedModelSchema()));

test('model.schema.json is what the source says; `node dist/tools/write-model-schema.js` writes it', () => {
  assert.equal(readFileSync(join(projectRoot(), 'model.schema.json'), 'utf8'), publishedModelSchema());
});

test('every key of the schema explains itself to the reader in an editor', () => {
  for (const [key, member] of Object.entries(modelConfigSchema.properties)) assert.ok(member.description, key);
});

test('a useful model.json is valid by the published schema', () => {
  const json = { $schema: '../../model.schema.json', versionPolicy: { latest: 2 }, labels: { stable: 1 } };
  assert.ok(validate(json), JSON.stringify(validate.errors));
  parseModelConfig(JSON.stringify(json));
});

const leaf = fc.oneof(
  fc.integer({ min: -2, max: 2000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('all', 'auto', 'on', '2GiB', 'x', '', null, true),
);
const value = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.dictionary(
    fc.constantFrom('latest', 'specific', 'stable', 'a b'),
    fc.oneof(leaf, fc.array(leaf, { maxLength: 2 })),
    {
      maxKeys: 2,
    },
  ),
);
const document = fc.dictionary(fc.constantFrom(...Object.keys(modelConfigSchema.properties), 'unknown'), value, {
  maxKeys: 3,
});

test('the server and a JSON Schema validator accept the same documents', () => {
  fc.assert(
    fc.property(fc.oneof(document, value), (json) => {
      const problems = schemaProblems(modelConfigSchema, json);
      assert.equal(problems.length === 0, validate(json), JSON.stringify({ json, problems, errors: validate.errors }));
    }),
    { numRuns: 2000 },
  );
});
