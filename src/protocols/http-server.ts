import Fastify, { type FastifyInstance } from 'fastify';
import type { NonFinite } from '../codecs/json-writer.js';
import type { InferenceService } from '../core/inference-service.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { answerClientError } from './http/client-error.js';
import { ConnectionSignals } from './http/connection-signals.js';
import { ErrorAnswer, type ErrorLog } from './http/error-answer.js';
import { watchMethods } from './http/method-not-allowed.js';
import { readJsonBodies } from './http/request-body.js';
import { requestIdOf, traceIdOf } from './http/request-id.js';
import { sharedSchemas } from './http/route-schemas.js';
import { describeApi, serveDocs } from './openapi/api-description.js';
import { type MetricsPage, operationsRoutes } from './operations/operations-routes.js';
import { v1Protocol } from './v1/v1-protocol.js';
import { v2Protocol } from './v2/v2-protocol.js';

export interface HttpConfig {
  readonly bodyLimitBytes: number;
  /** Longer than the gateway's, or the connections it reuses fail. */
  readonly keepAliveTimeoutMs: number;
  /** For requests that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
  readonly nonFinite: NonFinite;
  /** Header that tells callers apart. */
  readonly callerHeader?: string;
  /** The API's documentation at /docs. */
  readonly docs: boolean;
  readonly modelControl: boolean;
}

export interface HttpServerOptions {
  readonly service: InferenceService;
  readonly observer: ServingObserver;
  readonly config: HttpConfig;
  readonly logger: ErrorLog;
  /** Of this program. */
  readonly version: string;
  readonly metrics?: MetricsPage | undefined;
}

/** How long a request may take to arrive whole. */
const arrivalTimeoutMs = 300_000;
/** No name of a model is longer, percent-encoded or not. */
const maxParamLength = 512;

/** Every HTTP protocol on one server, which does not listen yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { service, observer, config, logger, version } = options;
  const errors = new ErrorAnswer({ bodyLimitBytes: config.bodyLimitBytes, logger });
  const app = createApp(config, errors);
  const refuseOtherMethods = watchMethods(app);
  await describeApi(app, version);
  const { requestTimeoutMs, nonFinite, docs, modelControl } = config;
  const callerHeader = config.callerHeader?.toLowerCase();
  const inference = { service, observer, errors, requestTimeoutMs, callerHeader, signals: new ConnectionSignals() };
  await app.register(v1Protocol, { prefix: '/v1', service, inference, nonFinite });
  await app.register(v2Protocol, { prefix: '/v2', service, inference, nonFinite, modelControl, version });
  await app.register(operationsRoutes, { service, version, docs, metrics: options.metrics });
  if (docs) await serveDocs(app);
  refuseOtherMethods();
  return app;
}

function createApp(config: HttpConfig, errors: ErrorAnswer): FastifyInstance {
  const app = Fastify({
    bodyLimit: config.bodyLimitBytes,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    requestTimeout: arrivalTimeoutMs,
    // Requests on connections that are open still are finished; the service says what it no longer takes.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
    genReqId: requestIdOf,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      errors.send(error, reply);
    },
  });
  app.decorateRequest('arrivedAt', 0);
  app.decorateRequest('servable', undefined);
  // Schemas describe the API; nothing is compiled from them.
  app.addHook('onRoute', (route) => {
    route.validatorCompiler = () => () => true;
    route.serializerCompiler = () => JSON.stringify;
  });
  for (const schema of sharedSchemas) app.addSchema(schema);
  readJsonBodies(app);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const { traceparent } = request.headers;
    if (traceIdOf(traceparent) !== undefined) reply.header('traceparent', traceparent);
    done();
  });
  app.setErrorHandler((error, _request, reply) => void errors.send(error, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = `${request.method} ${request.url.slice(0, 200)}`;
    errors.send(new ServingError('NOT_FOUND', `nothing is answered at ${path}; GET / says what there is`), reply);
  });
  return app;
}
