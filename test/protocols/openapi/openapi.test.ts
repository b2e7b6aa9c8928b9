import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { apiExamples } from '../../../src/protocols/api-examples.js';
import { openapiYaml } from '../../../tools/openapi-yaml.js';
import { projectRoot } from '../../../tools/project-root.js';
import { startTestServer } from '../test-server.js';

interface Media {
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

const written = readFileSync(join(projectRoot(), 'openapi.yaml'), 'utf8');
const description = parse(written) as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('openapi.yaml is what the routes say; `npm run openapi` writes it again', async () => {
  assert.equal(await openapiYaml(), written);
});

test('no two operations share an id', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'api', ...description });

/** What no value conforms to. */
const never = { not: {} };

/** The schema stands in the description, so its references are found there. */
const conforms = (schema: object, value: unknown): string => {
  const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
  return ajv.validate(resolved, value) ? '' : ajv.errorsText();
};

for (const { name, operationId, path, body, answer } of apiExamples) {
  test(`the example ${name} of ${operationId} is one of its operation`, () => {
    const found = operations.find(({ operation }) => operation.operationId === operationId);
    assert.ok(found, `there is an operation ${operationId}`);
    assert.match(path, new RegExp(`^${found.path.replace(/\{\w+\}/g, '[^/:]+')}$`));
    assert.equal(found.method, body === undefined ? 'get' : 'post');
    const { requestBody, responses } = found.operation;
    const json = 'application/json';
    if (body !== undefined) assert.equal(conforms(requestBody?.content[json]?.schema ?? never, body), '');
    assert.equal(conforms(responses['200']?.content?.[json]?.schema ?? never, answer), '');
  });
}

test('the description and a page to read it are served under /docs where they are wanted', async (context) => {
  const { app } = await startTestServer(context, { config: { docs: true } });
  const page = await app.inject('/docs');
  assert.equal(page.statusCode, 200);
  assert.match(page.body, /swagger-ui/);
  const { paths } = (await app.inject('/docs/json')).json<{ paths: object }>();
  assert.deepEqual(Object.keys(paths).sort(), Object.keys(description.paths).sort());
  const without = await startTestServer(context);
  assert.equal((await without.app.inject('/docs')).statusCode, 404);
});

test('the page loads nothing from elsewhere', async (context) => {
  const { app } = await startTestServer(context, { config: { docs: true } });
  const { body } = await app.inject('/docs');
  assert.match(body, /(?:src|href)="/);
  assert.doesNotMatch(body, /(?:src|href)="(?:https?:)?\/\//);
});
