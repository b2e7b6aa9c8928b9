import assert from 'node:assert/strict';
import { request } from 'node:http';
import { availableParallelism } from 'node:os';
import { describe, type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { freePort, needs, runCommand } from './commands.js';
import { projectPath, projectText } from './deployment-files.js';
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

/** Metrics and the loading of models, spelled in ways that some reader of paths takes for them. */
const hiddenTargets = [
  '/metrics/',
  '/metrics?x=1',
  '/metrics/?x=1',
  '/Metrics',
  '/METRICS/',
  '/%6detrics',
  '/%6Detrics/',
  '/metrics%2f',
  '/metrics%3f',
  '/metrics;x',
  '/metrics#x',
  '//metrics',
  '///metrics/',
  '/./metrics',
  '/.//metrics',
  '/v1/../metrics',
  '/v1/models/../../metrics',
  '/v1/models/%2e%2e/%2E%2e/metrics',
  '/v1/models/..%2f..%2fmetrics',
  '/v1/models/iris/..',
  '/docs/../metrics',
  '/docs/%2e%2e/metrics',
  '/v2/models/../repository/models/iris/unload',
  '/v2/models/%2e%2e/repository/models/iris/unload',
  '/v2//repository/models/iris/unload',
  '//v2/repository/models/iris/unload',
  '/V2/repository/models/iris/unload',
  '/v2/Repository/Models/iris/unload',
  '/v2/repository/models',
  '/v2/repository/%6dodels/iris/unload/',
  '/v2/repository%2Fmodels/iris/unload',
  '/monitoring/prometheus/metrics',
  '/monitoring/prometheus/metrics/',
  '/v1/metrics',
  '/v2/metrics',
  '/v1/modelsx',
  '/docsx',
  '/pages/',
  '/page/../metrics',
  '/anything/else',
  'http://elsewhere/metrics',
  'http://elsewhere/metrics/',
  'http://elsewhere//metrics',
  'http://else?where/metrics',
  'https://elsewhere/v2/repository/models/iris/unload',
];

const publicTargets = [
  '/',
  '/?x=1',
  '/v1/models',
  '/v1/models/',
  '/v1/models?x=/../y',
  '/v1/models/iris',
  '/v1/models/iris:predict',
  '/v1/models/a%2Fb/versions/1/metadata',
  '/v2',
  '/v2/',
  '/v2/models',
  '/v2/models/iris/ready',
  '/v2/models/stats',
  '/v2/repository/index',
  '/v2/health/live',
  '/healthz',
  '/readyz',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/static/index.css',
  '/page/page-0123456789.js',
];

/** The status that a request line with exactly this target gets. */
const statusOf = (url: string, target: string, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const host = /^\w+:\/\/([^/?]+)/.exec(target)?.[1];
    const asked = request(url, { path: target, method, agent: false, ...(host && { headers: { host } }) });
    asked.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject);
    asked.end();
  });

/** Each route of the server's description, with values for the parameters of its path. */
function describedOperations(): { method: string; path: string }[] {
  const { paths } = parse(projectText('openapi.yaml')) as { paths: Record<string, Record<string, object>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, '1') })),
  );
}

const isForOperators = (path: string): boolean =>
  /^\/(metrics|monitoring\/.*|v2\/repository\/models\/.*|v2\/(trace|logging|systemsharedmemory|cudasharedmemory).*)$/.test(
    path,
  );

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
      assert.deepEqual(await refused.json(), { error: 'rejected' });
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

    test('shows metrics and the loading of models to nobody, and says so', async (context) => {
      const { url, seen } = await aGateway(context, start);
      const metrics = await fetch(`${url}/metrics`);
      assert.equal(metrics.status, 404);
      assert.deepEqual(await metrics.json(), { error: 'not found' });
      for (const path of ['models/iris/load', '%6dodels/iris/unload', 'models/iris/load/', 'models/iris/load?x=1']) {
        const load = await fetch(`${url}/v2/repository/${path}`, { method: 'POST' });
        assert.equal(load.status, 403, path);
        assert.match(((await load.json()) as { error: string }).error, /not loaded or unloaded through the gateway/);
      }
      assert.deepEqual(seen(), []);
    });

    test('passes only what is public, however it is spelled', async (context) => {
      const { url, seen } = await aGateway(context, start);
      for (const target of hiddenTargets) {
        const status = await statusOf(url, target);
        assert.ok([400, 403, 404].includes(status), `${target}: ${status}`);
        assert.deepEqual(seen(), [], target);
      }
      for (const target of publicTargets) assert.equal(await statusOf(url, target), 200, target);
      const passed = seen().map((request) => request.url);
      assert.deepEqual(passed.sort(), publicTargets.toSorted());
    });

    test('passes a request line with a whole URL on as its path', async (context) => {
      const { url, seen } = await aGateway(context, start);
      assert.equal(await statusOf(url, 'http://elsewhere/v1/models/iris?x=1'), 200);
      assert.equal(seen()[0]?.url, '/v1/models/iris?x=1');
    });

    test('decides about every route that the server has', async (context) => {
      const { url, seen } = await aGateway(context, start);
      const passed: string[] = [];
      const operations = describedOperations();
      for (const { method, path } of operations) {
        if ((await statusOf(url, path, method)) === 200) passed.push(path);
      }
      assert.deepEqual(
        passed,
        operations.map(({ path }) => path).filter((path) => !isForOperators(path)),
      );
      assert.equal(seen().length, passed.filter((path) => path !== healthPath).length);
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
