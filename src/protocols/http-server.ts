import type { FastifyInstance } from 'fastify';
import type { CallTracer } from '../core/call-trace.js';
import type { FailureLog } from '../inference/inference-method.js';
import { type LoadReporter, LoadReportHeader, type LoadReportPolicy, RequestIds } from './call-headers.js';
import type { CodecDefaults } from './codec-defaults.js';
import { allowOrigins } from './http/allowed-origins.js';
import { ConnectionSignals } from './http/connection-signals.js';
import { ErrorResponses } from './http/error-responses.js';
import type { Closing } from './http/fast-path/fast-connection.js';
import { addFastPath } from './http/fast-path/fast-path.js';
import { FastRoutes } from './http/fast-path/fast-routes.js';
import { createHttpApp } from './http/http-app.js';
import type { HttpInference } from './http/inference-route.js';
import { hearListeningErrors } from './http/listening-errors.js';
import { rejectOtherMethods } from './http/method-not-allowed.js';
import { ResponseCompression } from './http/response-compression.js';
import { guardRoutes, type HttpListener } from './http/route-access.js';
import { usualStallTimeoutMs } from './http/stalled-callers.js';
import { huggingFaceProtocol } from './hugging-face/hugging-face-protocol.js';
import { modelApiRoutes } from './model-api/model-api-routes.js';
import type { WarningLog } from './open-inference/repository-control.js';
import { openAiProtocol } from './openai/openai-protocol.js';
import { addDocs } from './openapi/docs.js';
import { type MetricsPage, operationsRoutes } from './operations/operations-routes.js';
import { addPage } from './page/page.js';
import type { SharedTools } from './shared-tools.js';
import { v1Protocol } from './v1/v1-protocol.js';
import { v2Protocol } from './v2/v2-protocol.js';

export interface HttpConfig {
  readonly bodyLimitBytes: number;
  /** Longer than the gateway's, or the connections it reuses fail. */
  readonly keepAliveTimeoutMs: number;
  /** Header that tells callers apart. */
  readonly callerHeader?: string;
  /** The API's documentation at /docs. */
  readonly docs: boolean;
  /** The page to try models on, at / for browsers. */
  readonly page: boolean;
  /** Whether model files may come with a request to load. */
  readonly modelUploads: boolean;
  /** Of web pages that may call. */
  readonly corsOrigins: readonly string[];
  /** Answers from so many bytes on are compressed for callers that accept it; 0 is never. */
  readonly compressFromBytes: number;
  /** When responses say how busy the server is. Default: never. */
  readonly endpointLoadMetrics?: LoadReportPolicy;
}

export interface HttpServerOptions extends SharedTools {
  readonly config: HttpConfig;
  readonly logger: FailureLog & WarningLog;
  /** Of this program. */
  readonly version: string;
  readonly metrics?: MetricsPage | undefined;
  readonly loadReporter?: LoadReporter;
  /** Given where calls are traced. */
  readonly tracer?: CallTracer | undefined;
  /** Clients of a server that is about to stop are told to open their next connection elsewhere. */
  readonly closing?: Closing;
  /** After which a caller that takes nothing of its answer is cut off. */
  readonly stallTimeoutMs?: number;
  /** Given where operators have a port of their own: which of the two this is. */
  readonly listener?: HttpListener | undefined;
}

/** Every HTTP protocol on one server, which does not listen yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { config, version, access, tls, listener, tools, codecs } = options;
  const errors = new ErrorResponses({ logger: options.logger });
  const ids = new RequestIds();
  const { stallTimeoutMs = usualStallTimeoutMs } = options;
  const compression = new ResponseCompression({ fromBytes: config.compressFromBytes });
  const ofApps = { ...config, errors, ids, stallTimeoutMs };
  const app = compression.addTo(createHttpApp({ ...ofApps, tls, asksForCertificates: listener !== 'management' }));
  if (config.corsOrigins.length > 0) await allowOrigins(app, config.corsOrigins);
  hearListeningErrors(app.server, (err) => options.logger.error({ err }, 'connections cannot be accepted'));
  const { closing = { isClosing: false } } = options;
  app.addHook('onRequest', (_request, reply, done) => {
    if (closing.isClosing) reply.header('connection', 'close');
    done();
  });
  rejectOtherMethods(app);
  if (config.page && listener !== 'public') addPage(app);
  guardRoutes(app, access, listener);
  const calls = {
    errors,
    compression,
    tellsPeers: codecs.sharedMemory !== undefined,
    tracer: options.tracer,
    callerHeader: config.callerHeader?.toLowerCase(),
    loadReport: options.loadReporter && new LoadReportHeader(options.loadReporter, config.endpointLoadMetrics ?? 'off'),
  };
  const inference = { tools, calls, signals: new ConnectionSignals() };
  const addRoutes = (target: FastifyInstance, fastRoutes: FastRoutes) =>
    addProtocols(target, options, { inference, codecs, fastRoutes });
  const fastRoutes = new FastRoutes({ leavesPages: config.corsOrigins.length > 0 });
  await addRoutes(app, fastRoutes);
  if (config.docs) {
    const addDocumented = (target: FastifyInstance) => addRoutes(target, new FastRoutes({ leavesPages: false }));
    addDocs(app, { app: () => compression.addTo(createHttpApp(ofApps)), addRoutes: addDocumented, version });
  }
  if (listener === 'management') return app;
  addFastPath(app, {
    ...config,
    ids,
    calls,
    routes: fastRoutes,
    closing,
    stallTimeoutMs,
    tls,
    ...(access.authenticates && { access }),
  });
  return app;
}

interface Shared {
  readonly inference: HttpInference;
  readonly codecs: CodecDefaults;
  readonly fastRoutes: FastRoutes;
}

async function addProtocols(app: FastifyInstance, options: HttpServerOptions, shared: Shared): Promise<void> {
  const { config, access, logger, version, metrics, listener } = options;
  const { service } = options.tools;
  const { docs, modelUploads } = config;
  await app.register(v1Protocol, { prefix: '/v1', service, ...shared });
  await app.register(v2Protocol, { prefix: '/v2', service, access, logger, version, modelUploads, ...shared });
  await app.register(openAiProtocol, { prefix: '/v1', ...shared });
  await app.register(modelApiRoutes, { prefix: '/v1', service, version });
  await app.register(huggingFaceProtocol, { prefix: '/hf', ...shared });
  const isForOperators = listener !== 'public';
  const links = { docs: docs && isForOperators, metrics: metrics !== undefined && isForOperators };
  await app.register(operationsRoutes, { service, version, links, metrics, infers: listener !== 'management' });
}
