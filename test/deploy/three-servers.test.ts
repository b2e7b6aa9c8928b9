import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { capacityRowsPerSecond, OfferedLoad } from '../../src/scheduling/admission.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { Clients } from '../support/clients.js';
import { metricsWith } from '../support/metrics-with.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';
import { needs } from './commands.js';
import { readYaml } from './deployment-files.js';
import { FakeServer, healthPath } from './fake-server.js';
import { type Gateway, startHaproxy } from './gateways.js';
import { needsHelm, renderChart } from './helm.js';
import { PrometheusServer } from './prometheus-server.js';

interface ScaledObject {
  readonly kind: string;
  readonly spec: {
    readonly triggers: readonly { readonly metadata: { readonly query: string; readonly threshold: string } }[];
  };
}

/** What the chart's autoscaler asks Prometheus, for a release of this name. */
function scalingTrigger(release: string): { readonly query: string; readonly threshold: number } {
  const manifests = renderChart<ScaledObject>({
    set: ['autoscaling.enabled=true', `fullnameOverride="${release}"`],
  });
  const { query, threshold } = manifests.find(({ kind }) => kind === 'ScaledObject')!.spec.triggers[0]!.metadata;
  return { query, threshold: Number(threshold) };
}

/** The page of a server that was asked, for ten minutes, `times` as many rows as it can compute. */
async function aServerAskedFor(times: number, context: TestContext): Promise<string> {
  const curve = new CostCurve();
  curve.observe(8, 40);
  const batching = { kind: 'dynamic', maxBatchSize: 8 } as const;
  const capacity = capacityRowsPerSecond(curve, { batching, maxRows: 8, meanRows: 2, instances: 2 });
  const offered = new OfferedLoad(0);
  const endMs = 600_000;
  const everyMs = (2 * 1000) / (times * capacity!);
  for (let nowMs = 0; nowMs < endMs; nowMs += everyMs) offered.came(2, nowMs);
  const demand = { offeredRowsPerSecond: offered.rowsPerSecond(endMs), capacityRowsPerSecond: capacity };
  const version = { id: { name: 'm', version: 1 }, demand, cores: 2 };
  const metrics = metricsWith({ demand: () => ({ versions: [version], cores: 2, eventLoop: 0.1 }) });
  const page = await metrics.render();
  const server = createServer((_, response) => response.end(page));
  server.listen(0, '127.0.0.1');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As Prometheus labels what it finds through a ServiceMonitor. */
const podsOf = (service: string, addresses: readonly string[]) =>
  addresses.map((address) => ({ targets: [address], labels: { namespace: 'models', service, pod: address } }));

async function until<Found>(find: () => Promise<Found | undefined>, what: string): Promise<Found> {
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(100)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  throw new Error(`gave up waiting for ${what}`);
}

describe('the autoscaler of three servers', { ...needs('prometheus'), ...(needsHelm.skip && needsHelm) }, () => {
  test('wants 3 at half of what they can, 5 at all of it, 13 at three times as much', async (context) => {
    const loads = { half: 0.5, whole: 1, triple: 3 };
    // Before anything is scraped: helm holds this process up.
    const triggers = Object.keys(loads).map((name) => [name, scalingTrigger(name)] as const);
    const targets = [];
    for (const [name, times] of Object.entries(loads))
      targets.push(...podsOf(name, await Promise.all([1, 2, 3].map(() => aServerAskedFor(times, context)))));
    const prometheus = await PrometheusServer.start(context, targets);
    const count = 'count(slipway_replicas_wanted)';
    await until(async () => ((await prometheus.numberOf(count)) === targets.length ? true : undefined), 'all pages');
    const wanted: Record<string, number> = {};
    for (const [name, { query, threshold }] of triggers) {
      const value = await until(() => prometheus.numberOf(query), query);
      // As a HorizontalPodAutoscaler does for a metric whose target is an average.
      wanted[name] = Math.ceil(value / threshold);
    }
    assert.deepEqual(wanted, { half: 3, whole: 5, triple: 13 });
  });

  test('asks the same of an InferenceService', () => {
    const { spec } = readYaml<{
      spec: { predictor: { autoScaling: { metrics: [{ external: { metric: { query: string } } }] } } };
    }>('deploy/kserve/inference-service-keda.yaml');
    const bare = (query: string) => query.replace(/\{[^}]*\}/, '');
    assert.equal(bare(spec.predictor.autoScaling.metrics[0].external.metric.query), bare(scalingTrigger('x').query));
  });
});

describe('three servers behind HAProxy', needs('haproxy'), () => {
  test('are replaced one after the other without a failed request', {
    timeout: 120_000,
  }, async (context) => {
    const models = new ModelFolder();
    context.after(() => models.remove());
    models.put(join(shippedModels, 'iris/2/model.onnx'), 'iris.onnx');
    // HAProxy asks every 200 ms, and believes the second "not ready".
    const flags = ['--models', models.path, '--drain-delay-ms', '800', '--cores', '1'];
    const servers = await Promise.all([1, 2, 3].map(() => ServerProcess.start(flags)));
    context.after(() => Promise.all(servers.map((server) => server.stop('SIGKILL'))));
    await Promise.all(servers.map((server) => server.ready()));
    const addresses = servers.map(({ origin }) => new URL(origin).host);
    const gateway = await startHaproxy(addresses, { checkIntervalMs: 200 });
    context.after(() => gateway.stop());

    const clients = clientsOf(gateway);
    for (const [index, address] of addresses.entries()) {
      await clients.answered(50);
      const old = servers[index]!;
      assert.equal(await old.stop('SIGTERM'), 0);
      const [host, port] = address.split(':') as [string, string];
      const fresh = await ServerProcess.start(flags, {}, ['--host', host, '--port', port]);
      servers[index] = fresh;
      await fresh.ready();
      // The next one goes once this one is asked again.
      await fresh.until(async () => (await answeredBy(fresh)) > 0, 'asked');
    }
    const { wrong } = await clients.stop();
    assert.deepEqual(wrong, []);
  });
});

const clientsOf = (gateway: Gateway): Clients =>
  new Clients(
    {
      post: async (path, body) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(gateway.url + path, { method: 'POST', body: JSON.stringify(body), headers });
        return { status: response.status, headers: response.headers, body: await response.json() };
      },
    },
    {
      count: 6,
      path: '/v1/models/iris/predict',
      body: { instances: [[5.1, 3.5, 1.4, 0.2]] },
      isRight: (answer) => JSON.stringify(answer).includes('"setosa"'),
    },
  );

/** Requests that it answered. */
const answeredBy = async (server: ServerProcess): Promise<number> =>
  Number(/slipway_requests_total\{[^}]*code="OK"[^}]*\} (\d+)/.exec(await server.metrics())?.[1] ?? 0);

const names = Array.from({ length: 60 }, (_, index) => `model-${index}`);

/** Which of the servers gets each model, by its name. */
async function placed(fakes: readonly FakeServer[]): Promise<ReadonlyMap<string, FakeServer>> {
  const gateway = await startHaproxy(await Promise.all(fakes.map((fake) => fake.start())), { byModel: true });
  for (const fake of fakes) fake.requests.length = 0;
  const ways = ['v1/models/NAME:predict', 'v1/models/NAME/predict', 'v2/models/NAME/infer'];
  try {
    for (const path of names.flatMap((name) => ways.map((way) => way.replace('NAME', name))))
      assert.equal((await fetch(`${gateway.url}/${path}`, { method: 'POST' })).status, 200);
  } finally {
    await gateway.stop();
  }
  const places = new Map<string, FakeServer>();
  for (const fake of fakes) {
    for (const { url } of fake.requests.filter(({ url }) => url !== healthPath)) {
      const name = /^\/v[12]\/models\/([^/:]+)/.exec(url)![1]!;
      assert.ok((places.get(name) ?? fake) === fake, `${name} goes to one server, however it is asked`);
      places.set(name, fake);
    }
    await fake.stop();
  }
  return places;
}

describe('a model behind HAProxy', needs('haproxy'), () => {
  test('stays with its server; one that comes or goes moves its share and no others', async (context) => {
    const fakes = [1, 2, 3, 4].map(() => new FakeServer()) as [FakeServer, FakeServer, FakeServer, FakeServer];
    context.after(() => Promise.all(fakes.map((fake) => fake.stop())));
    const [, , , fourth] = fakes;
    const three = await placed(fakes.slice(0, 3));
    const four = await placed(fakes);
    assert.equal(three.size, names.length);
    assert.equal(new Set(three.values()).size, 3);
    const moved = names.filter((name) => three.get(name) !== four.get(name));
    assert.ok(moved.length > 0 && moved.length < names.length / 2, `${moved.length} of ${names.length} moved`);
    for (const name of moved) assert.equal(four.get(name), fourth, 'to the server that came, and nowhere else');
  });
});
