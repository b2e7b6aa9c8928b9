import type { FastifyInstance } from 'fastify';
import { anything, record, reference, text } from '../http/json-schema.js';
import { type WelcomeOptions, welcome } from './welcome.js';

/** What `/metrics` shows. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
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
  const welcomeSchema = {
    tags,
    operationId: 'welcome',
    summary: 'Where to go from here, with a request that works',
    response: { 200: record(anything(), { description: 'Links, and a curl to try.' }) },
  };
  app.get('/', { schema: welcomeSchema }, (request) =>
    welcome(options, `http://${host.test(request.host) ? request.host : 'localhost'}`),
  );
  for (const url of ['/healthz', '/livez']) {
    const schema = {
      tags,
      operationId: url.slice(1),
      summary: 'Whether the process answers',
      response: { 200: { ...reference('ServerLive'), description: 'It does.' } },
    };
    app.get(url, { schema }, () => ({ live: true }));
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
  app.get('/readyz', { schema: readySchema }, async (_request, reply) => {
    const isReady = await service.ready;
    if (!isReady) reply.code(503);
    return { ready: isReady };
  });
  if (metrics !== undefined) addMetricsRoute(app, metrics);
}

function addMetricsRoute(app: FastifyInstance, metrics: MetricsPage): void {
  const schema = {
    tags,
    operationId: 'metrics',
    summary: 'Metrics for Prometheus',
    produces: ['text/plain'],
    response: { 200: text({ description: "Prometheus' text format." }) },
  };
  app.get('/metrics', { schema }, async (_request, reply) => {
    reply.header('content-type', metrics.contentType);
    return metrics.render();
  });
}
