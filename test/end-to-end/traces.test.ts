import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';
import { askOnce } from '../support/keep-alive-client.js';
import { ModelFolder } from '../support/model-folder.js';
import { openMetricsSamples } from '../support/openmetrics.js';
import { type CollectorAnswer, OtlpCollector } from '../support/otlp-collector.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const folder = new ModelFolder();
after(() => folder.remove());
folder.put(join(shippedModels, 'iris/1/model.onnx'), 'iris/1/model.onnx');

interface Traced {
  readonly collector: OtlpCollector;
  readonly server: ServerProcess;
}

async function startTraced(
  context: TestContext,
  options: { flags?: readonly string[]; env?: Readonly<Record<string, string>>; answer?: CollectorAnswer } = {},
): Promise<Traced> {
  const collector = await OtlpCollector.start(options.answer);
  context.after(() => collector.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...options.env };
  const server = await ServerProcess.start(['--models', folder.path, ...(options.flags ?? [])], env);
  context.after(() => server.stop('SIGKILL'));
  return { collector, server: await server.ready() };
}

const ask = (server: ServerProcess, headers: Record<string, string> = {}) =>
  server.post('/v1/models/iris/predict', { instances: [[5.1, 3.5, 1.4, 0.2]] }, headers);

const traceId = '0af7651916cd43dd8448eb211c80319c';
const recorded = `00-${traceId}-b7ad6b7169203331-01`;
const unrecorded = `00-${'e'.repeat(32)}-b7ad6b7169203331-00`;

test('a request is a trace by every protocol, which goes on with that of its caller, and what remains is sent at the end', async (context) => {
  const { server, collector } = await startTraced(context, {
    flags: ['--grpc-port', '0', '--log-successes-per-second', '1000'],
    env: {
      OTEL_SERVICE_NAME: 'flowers',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
    },
  });
  const client = new GrpcClient(server.log.find(({ grpc }) => grpc !== undefined)?.grpc as string);
  context.after(() => client.close());
  const headers = { traceparent: recorded, tracestate: 'vendor=1' };
  const whole = { shape: [1, 4], datatype: 'FP32', name: 'measurements', data: [5.1, 3.5, 1.4, 0.2] };

  const v1 = await ask(server, headers);
  const v2 = await server.post('/v2/models/iris/versions/1/infer', { inputs: [whole] }, headers);
  // A query is for Fastify.
  const slow = await server.post(
    '/v1/models/iris:predict?non_finite=null',
    { inputs: [[5.1, 3.5, 1.4, 0.2]] },
    headers,
  );
  const wrong = await server.post('/v1/models/iris/predict', { instances: 'x' }, headers);
  const big = await server.post('/v1/models/iris/predict', 'x', { ...headers, 'content-type': 'text/csv' });
  const grpc = await client.ask(
    GRPCInferenceService.method.modelInfer,
    {
      modelName: 'iris',
      inputs: [
        { name: 'measurements', datatype: 'FP32', shape: [1n, 4n], contents: { fp32Contents: [5.1, 3.5, 1.4, 0.2] } },
      ],
    },
    { headers },
  );
  assert.deepEqual(
    [v1.status, v2.status, slow.status, wrong.status, big.status, grpc.code],
    [200, 200, 200, 400, 415, 'OK'],
  );
  assert.equal(await server.stop(), 0);

  const told = [v1, v2, slow, wrong, big].map((answer) => answer.headers.get('traceresponse'));
  told.push(String(grpc.trailers.get('traceresponse')[0]));
  const requests = collector.trace(traceId).filter(({ kind }) => kind === 2);
  assert.deepEqual(
    told,
    requests.map((span) => `00-${traceId}-${span.spanId}-01`),
  );
  assert.deepEqual(
    requests.map(({ name }) => name),
    [
      'POST /v1/models/{model}/predict',
      'POST /v2/models/{model}/versions/{version}/infer',
      'POST /v1/models/{model}:predict',
      'POST /v1/models/{model}/predict',
      'POST /v1/models/{model}/predict',
      'inference.GRPCInferenceService/ModelInfer',
    ],
  );
  for (const { parentSpanId, traceState, resource } of requests) {
    assert.deepEqual([parentSpanId, traceState], ['b7ad6b7169203331', 'vendor=1']);
    assert.equal(resource['service.name'], 'flowers');
    assert.equal(resource['deployment.environment.name'], 'test');
  }
  const partsOf = (parent: string): readonly string[] =>
    collector
      .trace(traceId)
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .map(({ name }) => name);
  const whole3 = ['preparation', 'queue', 'run'];
  assert.deepEqual(
    requests.map(({ spanId }) => partsOf(spanId)),
    [whole3, whole3, whole3, ['preparation'], [], whole3],
  );
  const { 'slipway.request.id': requestId, 'user_agent.original': agent, ...attributes } = requests[0]!.attributes;
  assert.equal(requestId, v1.headers.get('x-request-id'));
  assert.equal(agent, 'node');
  assert.deepEqual(attributes, {
    'http.request.method': 'POST',
    'http.route': '/v1/models/{model}/predict',
    'http.response.status_code': 200,
    'url.path': '/v1/models/iris/predict',
    'url.scheme': 'http',
    'slipway.model.name': 'iris',
    'slipway.model.version': 1,
    'slipway.request.rows': 1,
  });
  assert.equal(requests.at(-1)?.attributes['rpc.system.name'], 'grpc');
  assert.equal(requests.at(-1)?.attributes['rpc.response.status_code'], 'OK');
  const { path, headers: sent } = collector.exports[0]!;
  assert.deepEqual([path, sent['x-tenant'], sent['content-type']], ['/v1/traces', 'blue', 'application/x-protobuf']);
  const lines = server.log.filter(({ requestId: id }) => id === traceId);
  assert.deepEqual(
    lines.map((line) => [line.trace_id, line.span_id]),
    requests.map(({ spanId }) => [traceId, spanId]),
  );
});

test('a caller that does not record its trace is answered without a span, and told so', async (context) => {
  const { server, collector } = await startTraced(context);
  const { headers } = await ask(server, { traceparent: unrecorded });
  assert.match(headers.get('traceresponse') ?? '', /^00-e{32}-[0-9a-f]{16}-00$/);
  assert.equal(await server.stop(), 0);
  assert.deepEqual(collector.spans, []);
});

test('what share of the requests is recorded is for the variables to say', async (context) => {
  const env = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
  const { server, collector } = await startTraced(context, { env });
  assert.match((await ask(server)).headers.get('traceresponse') ?? '', /-00$/);
  assert.match((await ask(server, { traceparent: recorded })).headers.get('traceresponse') ?? '', /-01$/);
  assert.equal(await server.stop(), 0);
  assert.deepEqual(new Set(collector.spans.map((span) => span.traceId)), new Set([traceId]));
});

test('each of several workers sends its own spans, and their one page of metrics leads to them', async (context) => {
  const { server, collector } = await startTraced(context, { flags: ['--workers', '2'] });
  await Promise.all(Array.from({ length: 8 }, () => askOnce(server.origin)));
  const accept = { accept: 'application/openmetrics-text; version=1.0.0' };
  const samples = openMetricsSamples((await server.get('/metrics', accept)).body);
  const exemplars = samples.flatMap(({ name, exemplar }) => (exemplar === undefined ? [] : [{ name, ...exemplar }]));
  assert.equal(await server.stop(), 0);
  const requests = collector.spans.filter(({ kind }) => kind === 2);
  assert.equal(requests.length, 8);
  assert.equal(new Set(requests.map(({ resource }) => resource['process.pid'])).size, 2);
  assert.equal(new Set(requests.map(({ resource }) => resource['service.instance.id'])).size, 2);
  assert.deepEqual(
    new Set(exemplars.map(({ name }) => name)),
    new Set(['request', 'queue', 'batch', 'compute'].map((kind) => `slipway_${kind}_duration_seconds_bucket`)),
  );
  const known = new Set(requests.map((span) => span.traceId));
  assert.deepEqual(
    exemplars.filter(({ labels }) => !known.has(labels.trace_id ?? '')),
    [],
  );
});

// At once, as most of their time is that of the server which waits for the collector at its end.
describe('a collector that cannot be sent to costs spans and nothing else', { concurrency: 3 }, () => {
  const lossOf = (server: ServerProcess) => server.log.find(({ msg }) => msg === 'spans could not be exported');

  const answers: readonly [string, CollectorAnswer, RegExp | undefined][] = [
    ['answers with 500', (_, response) => response.writeHead(500).end('no'), /Internal Server Error/],
    ['says nothing', () => undefined, /./],
    [
      'answers without an end',
      (_, response) => {
        const write = (): void => void (response.destroyed || response.write(Buffer.alloc(65536), write));
        write();
      },
      /size limit/,
    ],
    ['hangs up', (request) => request.socket.destroy(), /./],
    ['answers with what is no protobuf', (_, response) => response.end('<html>'), undefined],
  ];
  for (const [title, answer, reason] of answers) {
    test(title, async (context) => {
      const { server, collector } = await startTraced(context, { answer, env: { OTEL_BSP_SCHEDULE_DELAY: '1' } });
      assert.equal((await ask(server)).status, 200);
      await collector.exported();
      assert.equal((await ask(server)).status, 200);
      assert.equal(await server.stop(), 0);
      assert.equal(collector.exports.length > 0, true);
      const loss = lossOf(server);
      if (reason === undefined) assert.equal(loss, undefined);
      else assert.match(String(loss?.reason), reason);
    });
  }

  test('is not there', async (context) => {
    const { server, collector } = await startTraced(context, { env: { OTEL_BSP_SCHEDULE_DELAY: '1' } });
    collector.close();
    for (let count = 0; count < 5; count++) assert.equal((await ask(server)).status, 200);
    assert.equal(await server.stop(), 0);
    assert.match(String(lossOf(server)?.reason), /ECONNREFUSED|not taken them in time/);
  });

  test('has an address that is none', async (context) => {
    const { server } = await startTraced(context, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' } });
    assert.equal((await ask(server)).status, 200);
    assert.ok(server.log.some(({ level, msg }) => level === 'warn' && msg.includes("'collector'")));
  });
});

/** Addresses of the scripts that a server has run, from its start to its end. */
async function scriptsOf(context: TestContext, env: Record<string, string>): Promise<readonly string[]> {
  const coverage = await mkdtemp(join(tmpdir(), 'slipway-loaded-'));
  context.after(() => rm(coverage, { recursive: true, force: true }));
  const server = await ServerProcess.start(['--models', folder.path], { ...env, NODE_V8_COVERAGE: coverage });
  context.after(() => server.stop('SIGKILL'));
  await ask(await server.ready());
  assert.equal(await server.stop(), 0);
  return readdirSync(coverage).flatMap((file) =>
    (JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] }).result.map(
      ({ url }) => url,
    ),
  );
}

test('without the variables nothing of OpenTelemetry is loaded', async (context) => {
  const isOfTracing = (url: string): boolean => /\/tracing-[^/]*\.js$|opentelemetry/.test(url);
  const plain = await scriptsOf(context, {});
  assert.ok(plain.some((url) => url.includes('http-protocol')));
  assert.deepEqual(plain.filter(isOfTracing), []);
  const collector = await OtlpCollector.start();
  context.after(() => collector.close());
  const traced = await scriptsOf(context, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  assert.notDeepEqual(traced.filter(isOfTracing), []);
});
