import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessKey, authenticationBy, secretOf } from '../../support/access-keys.js';
import { type Operation, openapiOperations } from '../openapi/openapi-operations.js';
import { startTestServer } from '../test-server.js';

/** Of each operation: whether it is at the port for everybody, and whether at the one for operators. */
const health = ['serverLive', 'serverReady'];
const operators = ['healthz', 'livez', 'readyz', 'metrics', 'servingMetrics', 'loadModel', 'unloadModel'];
const isOperators = (id: string): boolean =>
  operators.includes(id) || /^(system|cuda)SharedMemory(Unr|R)egister|Update$/.test(id);

/** Models are looked at at both. */
const looks = ({ security }: Operation): boolean => security?.[0]?.bearer?.[0] === 'read';

const pathOf = (path: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'version' ? '1' : name === 'label' ? 'stable' : 'flower'));

for (const listener of ['public', 'management'] as const) {
  test(`the ${listener} port answers what is for it, and says of the rest that it is at the other`, async (context) => {
    const { app } = await startTestServer(context, { listener, config: { docs: true } });
    for (const { path, method, operation } of openapiOperations) {
      const id = operation.operationId;
      const isOfBoth = health.includes(id) || looks(operation);
      const isHere = isOfBoth || isOperators(id) === (listener === 'management');
      const { body } = await app.inject({ method: method.toUpperCase() as 'GET' | 'POST', url: pathOf(path) });
      const other = listener === 'public' ? 'management' : 'public';
      assert.equal(body.includes(`is answered at this server's ${other} port`), !isHere, `${id}: ${body}`);
    }
    assert.equal((await app.inject('/docs')).statusCode, listener === 'management' ? 200 : 404);
    assert.equal(
      (await app.inject({ method: 'HEAD', url: '/livez' })).statusCode,
      listener === 'management' ? 200 : 404,
    );
  });
}

test('metrics are for whoever reaches the management port; control is not', async (context) => {
  const { app } = await startTestServer(context, { listener: 'management' });
  const remote = { remoteAddress: '192.0.2.1' };
  assert.equal((await app.inject({ url: '/metrics', ...remote })).statusCode, 200);
  const unload = { method: 'POST', url: '/v2/repository/models/flower/unload', ...remote } as const;
  assert.equal((await app.inject(unload)).statusCode, 403);
});

test('keys hold at the management port, too, and nobody sees metrics where nobody is to', async (context) => {
  const authentication = authenticationBy(accessKey('scraper', ['metrics']));
  const { app } = await startTestServer(context, { listener: 'management', access: { authentication } });
  assert.equal((await app.inject('/metrics')).statusCode, 401);
  const headers = { authorization: `Bearer ${secretOf('scraper')}` };
  assert.equal((await app.inject({ url: '/metrics', headers })).statusCode, 200);
  const closed = await startTestServer(context, { listener: 'management', access: { metricsAccess: false } });
  assert.equal((await closed.app.inject('/metrics')).statusCode, 403);
});
