import assert from 'node:assert/strict';
import { request } from 'node:http';
import { availableParallelism } from 'node:os';
import { describe, type TestContext, test } from 'node:test';
import { freePort, needs, runCommand } from './commands.js';
import { projectPath } from './deployment-files.js';
import { FakeServer, healthPath } from './fake-server.js';
import { type StartGateway, startHaproxy, startNginx } from './gateways.js';

async function aGateway(context: TestContext, start: StartGateway) {
  const [first, second] = [new FakeServer(), new FakeServer()];
  const gateway = await start([await first.start(), await second.start()]);
  context.after(async () => {
    await gateway.stop();
    await Promise.all([first.stop(), second.stop()]);
  });
  const seen = () => [...first.requests, ...second.requests].filter(({ url }) => url !== healthPath);
  const predict = (
    headers: Record<string, string> = {},
    body: string | Uint8Array<ArrayBuffer> = '{"instances":[[1]]}',
  ) => fetch(`${gateway.url}/v1/models/iris:predict`, { method: 'POST', body, headers });
  return { url: gateway.url, first, second, seen, predict };
}

for (const [name, start] of [
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
] as const) {
  describe(`the ${name} gateway`, needs(name), () => {
    test('passes the path on, and the request id of the caller or one of its own', async (context) => {
      const { seen, predict } = await aGateway(context, start);
      await predict({ 'x-request-id': 'mine' });
      await predict();
      const [given, made] = seen();
      assert.equal(given!.url, '/v1/models/iris:predict');
      assert.equal(given!.headers['x-request-id'], 'mine');
      assert.match(String(made!.headers['x-request-id']), /^[\x21-\x7e]{8,128}$/);
      assert.equal(made!.headers['x-forwarded-for'], '127.0.0.1');
    });

    test('uses its connections to the servers again', async (context) => {
      const { first, second, predict } = await aGateway(context, start);
      for (let requests = 0; requests < 30; requests++) await (await predict()).arrayBuffer();
      // Each of its workers or threads has its own; health checks and the first look take some more.
      assert.ok(first.connections + second.connections <= 4 * availableParallelism() + 8);
    });

    test('asks the other server when one turns a request away, POST or not, body included', async (context) => {
      const { first, second, seen, predict } = await aGateway(context, start);
      first.status = 503;
      const bytes = 100_000;
      const isAsked = () => first.requests.some(({ url }) => url.includes('predict'));
      // Which server a gateway asks first is its own affair; in the end each has its turn.
      for (let requests = 0; requests < 10 || (requests < 200 && !isAsked()); requests++) {
        const response = await predict({}, Buffer.alloc(name === 'haproxy' ? 1000 : bytes, 0x20));
        assert.equal(response.status, 200);
        await response.arrayBuffer();
      }
      assert.ok(isAsked());
      assert.equal(new Set(seen().map(({ bodyBytes }) => bodyBytes)).size, 1);
      second.status = 503;
      const refused = await predict();
      assert.equal(refused.status, 503);
      assert.deepEqual(await refused.json(), { error: 'turned away' });
    });

    test('loses no request when a server goes', async (context) => {
      const { first, predict } = await aGateway(context, start);
      await predict();
      await first.stop();
      for (let requests = 0; requests < 10; requests++) assert.equal((await predict()).status, 200);
    });

    test('takes large bodies', async (context) => {
      const { seen, predict } = await aGateway(context, start);
      const bytes = 20 * 1024 * 1024;
      assert.equal((await predict({}, Buffer.alloc(bytes))).status, 200);
      assert.equal(seen()[0]!.bodyBytes, bytes);
    });

    test('shows metrics and the loading of models to nobody', async (context) => {
      const { url, seen } = await aGateway(context, start);
      const metrics = await fetch(`${url}/metrics`);
      assert.equal(metrics.status, 404);
      assert.equal((await fetch(`${url}/%6detrics`)).status, 404);
      assert.deepEqual(await metrics.json(), { error: 'not found' });
      const load = await fetch(`${url}/v2/repository/models/iris/load`, { method: 'POST' });
      assert.equal(load.status, 403);
      assert.match(((await load.json()) as { error: string }).error, /not loaded or unloaded through the gateway/);
      const encoded = await fetch(`${url}/v2/repository/%6dodels/iris/unload`, { method: 'POST' });
      assert.equal(encoded.status, 403);
      assert.equal((await fetch(`${url}/v2/repository/index`, { method: 'POST' })).status, 200);
      assert.deepEqual(
        seen().map((request) => request.url),
        ['/v2/repository/index'],
      );
    });
  });
}

describe('the nginx gateway alone', needs('nginx'), () => {
  test('refuses a body that is too large before it is sent', async (context) => {
    const { url, seen } = await aGateway(context, startNginx);
    const answer = await new Promise<{ status: number | undefined; type: string | undefined }>((resolve, reject) => {
      const tooLarge = request(`${url}/v1/models/iris:predict`, {
        method: 'POST',
        headers: { 'content-length': 66 * 1024 * 1024 },
      });
      tooLarge.on('response', ({ statusCode, headers }) => {
        resolve({ status: statusCode, type: headers['content-type'] });
        tooLarge.destroy();
      });
      tooLarge.on('error', reject);
      tooLarge.flushHeaders();
    });
    assert.deepEqual(answer, { status: 413, type: 'application/json' });
    assert.equal(seen().length, 0);
  });

  test('says in JSON that no server could be reached, and when to try again', async (context) => {
    const gateway = await startNginx([`127.0.0.1:${await freePort()}`]);
    context.after(() => gateway.stop());
    const response = await fetch(`${gateway.url}/v1/models`);
    assert.equal(response.status, 502);
    assert.equal(response.headers.get('retry-after'), '1');
    assert.deepEqual(await response.json(), { error: 'no server could be reached' });
  });
});

describe('the HAProxy gateway alone', needs('haproxy'), () => {
  test('is free of warnings', () => {
    const { status, output } = runCommand('haproxy', ['-c', '-f', projectPath('deploy/haproxy/haproxy.cfg')]);
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /WARNING|ALERT/);
  });
});
