import type { FastifyInstance } from 'fastify';
import { pageHeaders } from '../http/http-response.js';
import { anything, record, reference, text } from '../http/json-schema.js';
import { needs, openToAll } from '../http/route-access.js';
import { acceptsOpenMetrics, openMetricsType } from './accepted-metrics.js';
import { type WelcomeOptions, welcome } from './welcome.js';

/** What `/metrics` shows. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
  renderOpenMetrics(): Promise<string>;
}

export interface OperationsOptions extends WelcomeOptions {
  readonly metrics?: MetricsPage | undefined;
}

const tags = ['operations'];
/** What may stand in a Host header, so that it can be printed. */
const host = /^[\w.:[\]-]{1,255}$/;

/** For those who run the server: the way in, health as orchestrators ask for it, metrics. */
export async function operationsRoutes(app: FastifyInstance, options: OperationsOptions): Promise<void> {
  const { service, metrics } = options;
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(pageHeaders);
    done();
  });
  const welcomeSchema = {
    tags,
    operationId: 'welcome',
    summary: 'Where to go from here, with a request that works',
    response: { 200: record(anything(), { description: 'Links, and a curl to try.' }) },
  };
  app.get('/', { schema: welcomeSchema, ...needs('read') }, (request) => {
    const origin = `${request.protocol}://${host.test(request.host) ? request.host : 'localhost'}`;
    return welcome(options, origin, request.principal);
  });
  for (const url of ['/healthz', '/livez']) {
    const schema = {
      tags,
      operationId: url.slice(1),
      summary: 'Whether the process answers',
      response: { 200: { ...reference('ServerLive'), description: 'It does.' } },
    };
    app.get(url, { schema, ...openToAll('management') }, () => ({ live: true }));
  }
  const readySchema = {
    tags,
    operationId: 'readyz',
    summary: 'Whether a gateway should send requests here',
    response: {
      200: { ...reference('ServerReady'), description: 'Yes.' },
      503: { ...reference('ServerReady'), description: 'Not now.' },
    },
  };
  app.get('/readyz', { schema: readySchema, ...openToAll('management') }, async (_request, reply) => {
    const isReady = await service.ready;
    if (!isReady) reply.code(503);
    return { ready: isReady };
  });
  if (metrics !== undefined) addMetricsRoute(app, metrics);
}

function addMetricsRoute(app: FastifyInstance, metrics: MetricsPage): void {
  const paths = [
    { url: '/metrics', operationId: 'metrics', summary: 'Metrics for Prometheus' },
    {
      url: '/monitoring/prometheus/metrics',
      operationId: 'servingMetrics',
      summary: 'The same, as in TensorFlow Serving',
    },
  ];
  for (const { url, operationId, summary } of paths) {
    const schema = {
      tags,
      operationId,
      summary,
      produces: ['text/plain', openMetricsType],
      response: { 200: text({ description: "Prometheus' text format, or OpenMetrics where it is asked for." }) },
    };
    app.get(url, { schema, ...needs('metrics') }, async ({ headers }, reply) => {
      const asOpenMetrics = acceptsOpenMetrics(headers.accept);
      reply.header(
        'content-type',
        asOpenMetrics ? `${openMetricsType}; version=1.0.0; charset=utf-8` : metrics.contentType,
      );
      return asOpenMetrics ? metrics.renderOpenMetrics() : metrics.render();
    });
  }
}
