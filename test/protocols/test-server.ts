import type { FastifyInstance } from 'fastify';
import { Access, type AccessOptions } from '../../src/access/access.js';
import type { TlsFiles } from '../../src/access/tls-files.js';
import type { RequestFinished } from '../../src/core/serving-observer.js';
import type { FailureLog } from '../../src/inference/inference-method.js';
import type { LoadReporter } from '../../src/protocols/call-headers.js';
import type { HttpListener } from '../../src/protocols/http/route-access.js';
import { createHttpServer, type HttpConfig } from '../../src/protocols/http-server.js';
import type { WarningLog } from '../../src/protocols/open-inference/repository-control.js';
import { type InferenceConfig, type SharedTools, sharedTools } from '../../src/protocols/shared-tools.js';
import { puppetModels } from './puppet-models.js';
import { type PuppetModel, PuppetService } from './puppet-service.js';

export interface TestServer {
  readonly app: FastifyInstance;
  readonly service: PuppetService;
  /** What the observer heard. */
  readonly finished: RequestFinished[];
  /** What was logged as unforeseen. */
  readonly logged: object[];
  /** What was logged as done differently than asked. */
  readonly warned: object[];
  /** What further protocols are built on. */
  readonly shared: SharedTools;
  readonly config: HttpConfig & InferenceConfig;
  readonly logger: FailureLog & WarningLog;
  /** What large answers hold. */
  readonly heldBytes: () => number;
}

export interface TestServerOptions {
  readonly config?: Partial<HttpConfig & InferenceConfig>;
  readonly access?: Partial<AccessOptions>;
  readonly tls?: TlsFiles;
  readonly listener?: HttpListener;
  readonly models?: readonly PuppetModel[];
  /** 0: whatever is read and written is so in another thread. */
  readonly threadsFromBytes?: number;
  readonly stallTimeoutMs?: number;
  readonly regionsFolder?: string;
}

/** A test's context, or the test runner itself for a server that all tests of a file share. */
export interface Lifetime {
  after(close: () => Promise<void>): void;
}

/** Of a server that is busy, whatever it does. */
export const loadReporter: LoadReporter = {
  report: (format) => `${format.toUpperCase()} busy`,
  measured: () => ({ application_utilization: 0.62, rps_fractional: 210, eps: 0.5, named_metrics: { queue_ms: 3.1 } }),
};

/** The real HTTP server over a puppet. */
export async function startTestServer(
  lifetime: Lifetime,
  {
    config,
    access,
    tls,
    listener,
    models = puppetModels,
    threadsFromBytes,
    stallTimeoutMs,
    regionsFolder,
  }: TestServerOptions = {},
): Promise<TestServer> {
  const service = new PuppetService(models);
  const finished: RequestFinished[] = [];
  const logged: object[] = [];
  const warned: object[] = [];
  const logger = {
    error: (details: object) => void logged.push(details),
    warn: (details: object) => void warned.push(details),
  };
  const allConfig: HttpConfig & InferenceConfig = {
    bodyLimitBytes: 100_000,
    keepAliveTimeoutMs: 75_000,
    requestTimeoutMs: 0,
    nonFinite: 'null',
    docs: false,
    page: false,
    modelUploads: false,
    corsOrigins: [],
    compressFromBytes: 1000,
    maxQueueBytes: 2 ** 20,
    responseLimitBytes: 2 ** 28,
    maxResponseBytes: 2 ** 30,
    ...config,
  };
  const shared = sharedTools({
    service,
    tls,
    access: new Access({ modelControl: 'loopback', metricsAccess: 'loopback', ...access }),
    observer: { requestFinished: (event) => void finished.push(event) },
    logger,
    config: allConfig,
    ...(threadsFromBytes !== undefined && { threadsFromBytes }),
    ...(regionsFolder !== undefined && { regionsFolder }),
  });
  const app = await createHttpServer({
    ...shared,
    logger,
    version: '1.2.3',
    listener,
    ...(stallTimeoutMs !== undefined && { stallTimeoutMs }),
    metrics: {
      contentType: 'text/plain; version=0.0.4',
      render: async () => 'slipway_up 1\n',
      renderOpenMetrics: async () => 'slipway_up 1\n# EOF\n',
    },
    loadReporter,
    config: allConfig,
  });
  const { threads, responses } = shared.tools;
  lifetime.after(async () => {
    await app.close();
    await threads.close();
  });
  const heldBytes = () => responses.bytes;
  return { app, service, finished, logged, warned, shared, config: allConfig, logger, heldBytes };
}
