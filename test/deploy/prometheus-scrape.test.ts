import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { acceptsOpenMetrics, openMetricsType } from '../../src/protocols/operations/accepted-metrics.js';
import { metricsWith } from '../support/metrics-with.js';
import { recordedTrace } from '../support/recorded-trace.js';
import { needs } from './commands.js';
import { PrometheusServer } from './prometheus-server.js';
import { dashboardQueries, type Query } from './promql.js';

const iris = { name: 'iris', version: 1 };

/** A server's metrics, of which something happens before every scrape. */
async function aBusyServer(context: TestContext): Promise<string> {
  const metrics = metricsWith({
    gauges: () => [{ id: iris, queuedRows: 4, queuedRequests: 2, inFlightRequests: 1, instances: 1 }],
    models: () => [{ name: 'iris', versions: [{ ...iris, state: 'AVAILABLE', labels: [] }] }],
    engineResidentBytes: () => [{ id: iris, bytes: 50_000_000 }],
    preparations: () => [{ id: iris, waiting: 1, processes: 1 }],
    demand: () => ({
      versions: [{ id: iris, cores: 1, demand: { offeredRowsPerSecond: 50, capacityRowsPerSecond: 100 } }],
      cores: 1,
      eventLoop: 0.1,
    }),
  });
  metrics.observer.versionStateChanged({ id: iris, state: 'LOADING' });
  metrics.observer.versionLoaded({ id: iris, durationMs: 100 });
  metrics.observer.preparationStarted({ id: iris, pid: 3 });
  metrics.start();
  const happen = () => {
    const trace = recordedTrace('a');
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 2, trace });
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'UNAVAILABLE', durationMs: 0.1 });
    metrics.observer.requestCanceled({ id: iris, where: 'queue' });
    const batch = { id: iris, rows: 2, requests: 1, queueMs: [0.3], batchMs: 1, computeMs: 0.7 } as const;
    metrics.observer.batchFinished({ ...batch, reason: 'idle', outcome: 'ok' });
    metrics.observer.batchFinished({ ...batch, reason: 'idle', outcome: 'model-error' });
    metrics.observer.engineExited({ id: iris, pid: 1, expected: false, cause: 'SIGKILL' });
    metrics.observer.engineStarted({ id: iris, pid: 2 });
    const usage = { tokens: 20, paddingTokens: 2, truncatedRows: 1 };
    metrics.observer.inputsPrepared({ id: iris, prepareMs: 1, usage, trace });
    metrics.observer.preparationExited({ id: iris, pid: 3, expected: false, cause: 'SIGKILL' });
  };
  const server = createServer(({ headers: { accept } }, response) => {
    happen();
    const isOpen = acceptsOpenMetrics(accept);
    const type = isOpen ? openMetricsType : metrics.contentType;
    const page = isOpen ? metrics.renderOpenMetrics() : metrics.render();
    void page.then((text) => response.writeHead(200, { 'content-type': type }).end(text));
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

/** Why the panel cannot be drawn; undefined where it can. */
async function problemWith(prometheus: PrometheusServer, { panel, expr }: Query): Promise<string | undefined> {
  const { status, data, error } = await prometheus.query(expr);
  if (status !== 'success') return `${panel}: ${expr}: ${error}`;
  if (data.result.length === 0) return `${panel}: ${expr} finds nothing`;
  const odd = data.result.find(({ value }) => !Number.isFinite(Number(value[1])));
  return odd && `${panel}: ${expr} is ${odd.value[1]}`;
}

/** Latencies lead to traces, which Prometheus reads from OpenMetrics alone. */
async function exemplarProblem(prometheus: PrometheusServer): Promise<string | undefined> {
  const labels = await prometheus.exemplars('slipway_request_duration_seconds_bucket');
  return labels.some(({ trace_id }) => trace_id === 'a'.repeat(32)) ? undefined : 'no exemplar leads to a trace';
}

/** A rate needs two scrapes, a quotient of rates something that happened between them. */
const patienceMs = 120_000;

describe('a real Prometheus with the configuration of this project', needs('prometheus'), () => {
  test('finds the server, scrapes it, can draw every panel of the dashboard and leads to traces', async (context) => {
    const prometheus = await PrometheusServer.start(context, [{ targets: [await aBusyServer(context)] }]);
    const questions = [{ panel: 'target', expr: 'up{job="slipway"} == 1' }, ...dashboardQueries('30s')];
    for (const end = Date.now() + patienceMs; ; await delay(200)) {
      const problems = await Promise.all(questions.map((question) => problemWith(prometheus, question)));
      problems.push(await exemplarProblem(prometheus));
      const left = problems.filter((problem) => problem !== undefined);
      if (left.length === 0) return;
      if (Date.now() > end) assert.fail(`not after ${patienceMs / 1000} seconds:\n${left.join('\n')}`);
    }
  });
});
