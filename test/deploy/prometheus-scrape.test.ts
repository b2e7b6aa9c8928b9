import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { metricsWith } from '../observability/metrics-page.js';
import { needs, startCommand, stopCommand, untilAnswering, untilLogged } from './commands.js';
import { projectPath } from './deployment-files.js';
import { dashboardQueries } from './promql.js';

const iris = { name: 'iris', version: 1 };

/** A server's metrics, of which something happens before every scrape. */
async function aBusyServer(context: TestContext): Promise<string> {
  const metrics = metricsWith({
    gauges: () => [{ id: iris, queuedRows: 4, queuedRequests: 2, inFlightRequests: 1, instances: 1 }],
    models: () => [{ name: 'iris', versions: [{ ...iris, state: 'AVAILABLE', labels: [] }] }],
    engineResidentBytes: () => [{ id: iris, bytes: 50_000_000 }],
  });
  metrics.versionStateChanged({ id: iris, state: 'LOADING' });
  metrics.versionLoaded({ id: iris, durationMs: 100 });
  metrics.start();
  const happen = () => {
    metrics.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 2 });
    metrics.requestFinished({ id: iris, protocol: 'v1', code: 'UNAVAILABLE', durationMs: 0.1 });
    metrics.requestCanceled({ id: iris, where: 'queue' });
    const batch = { id: iris, rows: 2, requests: 1, queueMs: [0.3], batchMs: 1, computeMs: 0.7 } as const;
    metrics.batchFinished({ ...batch, reason: 'idle', outcome: 'ok' });
    metrics.batchFinished({ ...batch, reason: 'idle', outcome: 'model-error' });
    metrics.engineExited({ id: iris, pid: 1, expected: false, cause: 'SIGKILL' });
    metrics.engineStarted({ id: iris, pid: 2 });
  };
  const server = createServer((_, response) => {
    happen();
    void metrics.render().then((page) => response.writeHead(200, { 'content-type': metrics.contentType }).end(page));
  }).listen(0, '127.0.0.1');
  context.after(() => {
    metrics.stop();
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected the address of a TCP server');
  return `127.0.0.1:${address.port}`;
}

/** Runs Prometheus with the project's configuration, scraping faster. */
async function aPrometheus(context: TestContext, target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  cpSync(projectPath('deploy/prometheus'), folder, { recursive: true });
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll(/(_interval): 15s/g, '$1: 200ms'));
  writeFileSync(join(folder, 'targets/local.yml'), `- targets: ['${target}']\n`);
  const logPath = join(folder, 'log');
  const child = startCommand(
    'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0'],
    { logPath },
  );
  context.after(async () => {
    await stopCommand(child);
    rmSync(folder, { recursive: true });
  });
  const [address] = await untilLogged(/(?<=msg="Listening on" address=)\S+/, child, logPath);
  await untilAnswering(`http://${address}/-/ready`, child, logPath);
  return `http://${address}`;
}

interface QueryAnswer {
  readonly status: string;
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function query(prometheus: string, expr: string): Promise<QueryAnswer['data']['result']> {
  const response = await fetch(`${prometheus}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
  });
  const answer = (await response.json()) as QueryAnswer;
  assert.equal(answer.status, 'success', `${expr}: ${JSON.stringify(answer)}`);
  return answer.data.result;
}

describe('a real Prometheus with the configuration of this project', needs('prometheus'), () => {
  test('finds the server, scrapes it and can draw every panel of the dashboard', {
    timeout: 60_000,
  }, async (context) => {
    const prometheus = await aPrometheus(context, await aBusyServer(context));
    const scrapes = 'count_over_time(up{job="slipway"}[1m])';
    while (Number((await query(prometheus, scrapes))[0]?.value[1] ?? 0) < 5)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await query(prometheus, 'up{job="slipway"}'))[0]?.value[1], '1');
    for (const { panel, expr } of dashboardQueries('30s')) {
      const result = await query(prometheus, expr);
      assert.ok(result.length > 0, `${panel}: ${expr} finds nothing`);
      for (const { value } of result) assert.ok(Number.isFinite(Number(value[1])), `${panel}: ${expr} is ${value[1]}`);
    }
  });
});
