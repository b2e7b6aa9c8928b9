import type { FastifyInstance } from 'fastify';
import type { NonFinite } from '../codecs/json-writer.js';
import type { InferenceService } from '../core/inference-service.js';
import type { ServingObserver } from '../core/serving-observer.js';
import type { CodecThreadData } from './codec-thread.js';
import { CodecThreads } from './http/codec-threads/codec-threads.js';
import { ConnectionSignals } from './http/connection-signals.js';
import { ErrorAnswer, type ErrorLog } from './http/error-answer.js';
import { addFastLane } from './http/fast-lane/fast-lane.js';
import { FastRoutes } from './http/fast-lane/fast-routes.js';
import { createHttpApp } from './http/http-app.js';
import type { InferenceRouteOptions } from './http/inference-route.js';
import { refuseOtherMethods } from './http/method-not-allowed.js';
import { RequestIds } from './http/request-id.js';
import { ResponseCompression } from './http/response-compression.js';
import { addDocs } from './openapi/docs.js';
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
  /** Answers from so many bytes on are compressed for callers that accept it; 0 is never. */
  readonly compressFromBytes: number;
  /** Memory that bodies may hold while they wait to be read. */
  readonly maxQueueBytes: number;
}

export interface HttpServerOptions {
  readonly service: InferenceService;
  readonly observer: ServingObserver;
  readonly config: HttpConfig;
  readonly logger: ErrorLog;
  /** Of this program. */
  readonly version: string;
  readonly metrics?: MetricsPage | undefined;
  /** Whether this server is about to stop: clients are then told to open their next connection elsewhere. */
  readonly isDraining?: () => boolean;
  /** From so many bytes on bodies are read, and answers written, in other threads. */
  readonly threadsFromBytes?: number;
}

/** What takes a few milliseconds: as long as other requests may wait for one. */
const threadsFromBytes = 2 ** 19;

/** Every HTTP protocol on one server, which does not listen yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { config, version } = options;
  const errors = new ErrorAnswer({ logger: options.logger });
  const ids = new RequestIds();
  const compression = new ResponseCompression({ fromBytes: config.compressFromBytes });
  const createApp = () => compression.addTo(createHttpApp({ ...config, errors, ids }));
  const app = createApp();
  const { isDraining = () => false } = options;
  app.addHook('onRequest', (_request, reply, done) => {
    if (isDraining()) reply.header('connection', 'close');
    done();
  });
  refuseOtherMethods(app);
  const threads = new CodecThreads({
    fromBytes: options.threadsFromBytes ?? threadsFromBytes,
    maxWaitingBytes: config.maxQueueBytes,
    program: new URL('./codec-thread.js', import.meta.url),
    data: { nonFinite: config.nonFinite } satisfies CodecThreadData,
  });
  app.addHook('onClose', () => threads.close());
  const addRoutes = (target: FastifyInstance, fastRoutes: FastRoutes) =>
    addProtocols(target, options, { errors, threads, compression }, fastRoutes);
  const fastRoutes = new FastRoutes();
  await addRoutes(app, fastRoutes);
  if (config.docs) {
    const addDocumented = (target: FastifyInstance) => addRoutes(target, new FastRoutes());
    addDocs(app, { app: createApp, addRoutes: addDocumented, version });
  }
  addFastLane(app, { ...config, ids, routes: fastRoutes, isDraining });
  return app;
}

async function addProtocols(
  app: FastifyInstance,
  options: HttpServerOptions,
  shared: Pick<InferenceRouteOptions, 'errors' | 'threads' | 'compression'>,
  fastRoutes: FastRoutes,
): Promise<void> {
  const { service, observer, config, version, metrics } = options;
  const { requestTimeoutMs, nonFinite, docs, modelControl } = config;
  const callerHeader = config.callerHeader?.toLowerCase();
  const signals = new ConnectionSignals();
  const inference = { ...shared, service, observer, requestTimeoutMs, callerHeader, signals };
  await app.register(v1Protocol, { prefix: '/v1', service, inference, fastRoutes, nonFinite });
  await app.register(v2Protocol, { prefix: '/v2', service, inference, fastRoutes, nonFinite, modelControl, version });
  await app.register(operationsRoutes, { service, version, docs, metrics });
}
