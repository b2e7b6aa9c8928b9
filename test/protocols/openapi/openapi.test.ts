import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { apiExamples } from '../../../src/protocols/api-examples.js';
import { openapiYaml } from '../../../tools/openapi-yaml.js';
import { startTestServer } from '../test-server.js';
import { apiDescription, openapiOperations, writtenDescription } from './openapi-operations.js';

test('openapi.yaml is what the routes say; `npm run openapi` writes it again', async () => {
  assert.equal(await openapiYaml(), writtenDescription);
});

test('no two operations share an id', () => {
  const ids = openapiOperations.map(({ operation }) => operation.operationId);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'api', ...apiDescription });

/** What no value conforms to. */
const never = { not: {} };

/** The schema stands in the description, so its references are found there. */
const conforms = (schema: object, value: unknown): string => {
  const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
  return ajv.validate(resolved, value) ? '' : ajv.errorsText();
};

for (const { name, operationId, path, body, response } of apiExamples) {
  test(`the example ${name} of ${operationId} is one of its operation`, () => {
    const found = openapiOperations.find(({ operation }) => operation.operationId === operationId);
    assert.ok(found, `there is an operation ${operationId}`);
    assert.match(path, new RegExp(`^${found.path.replace(/\{\w+\}/g, '[^/:]+')}$`));
    assert.equal(found.method, body === undefined ? 'get' : 'post');
    const { requestBody, responses } = found.operation;
    const json = 'application/json';
    if (body !== undefined) assert.equal(conforms(requestBody?.content[json]?.schema ?? never, body), '');
    assert.equal(conforms(responses['200']?.content?.[json]?.schema ?? never, response), '');
  });
}

test('the description and a page to read it are served under /docs where they are wanted', async (context) => {
  const { app } = await startTestServer(context, { config: { docs: true } });
  const page = await app.inject('/docs');
  assert.equal(page.statusCode, 200);
  assert.match(page.body, /swagger-ui/);
  const { paths } = (await app.inject('/docs/json')).json<{ paths: object }>();
  assert.deepEqual(Object.keys(paths).sort(), Object.keys(apiDescription.paths).sort());
  const without = await startTestServer(context);
  assert.equal((await without.app.inject('/docs')).statusCode, 404);
});

test('the pages and the description lead nowhere but below where they are, whatever path a gateway has put before', async (context) => {
  const { app } = await startTestServer(context, { config: { docs: true } });
  for (const url of ['/docs', '/docs/']) {
    const { body } = await app.inject(url);
    const links = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link as string);
    assert.ok(links.length > 3);
    for (const link of links) {
      assert.match(link, /^\.\//);
      const { pathname } = new URL(link, `http://gateway/prefix${url}`);
      assert.match(pathname, /^\/prefix\/docs\/static\//);
      assert.equal((await app.inject(pathname.slice('/prefix'.length))).statusCode, 200, pathname);
    }
  }
  const { servers } = (await app.inject('/docs/json')).json<{ servers: { url: string }[] }>();
  assert.equal(new URL(servers[0]!.url, 'http://gateway/prefix/docs/json').pathname, '/prefix/');
});

test('pages say that they are what they are, lie in nobody elses frame and run nothing from elsewhere', async (context) => {
  const { app } = await startTestServer(context, { config: { docs: true } });
  for (const url of [
    '/docs',
    '/docs/',
    '/docs/json',
    '/docs/static/swagger-initializer.js',
    '/',
    '/metrics',
    '/healthz',
  ]) {
    const { headers, statusCode } = await app.inject(url);
    assert.equal(statusCode, 200, url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.equal(headers['x-frame-options'], 'DENY', url);
    assert.equal(headers['referrer-policy'], 'no-referrer', url);
    assert.match(
      String(headers['content-security-policy']),
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
  }
});
