import type { FastifyInstance } from 'fastify';
import type { RequestFinished } from '../../src/core/serving-observer.js';
import { createHttpServer, type HttpConfig } from '../../src/protocols/http-server.js';
import { puppetModels } from './puppet-models.js';
import { type PuppetModel, PuppetService } from './puppet-service.js';

export interface TestServer {
  readonly app: FastifyInstance;
  readonly service: PuppetService;
  /** What the observer heard. */
  readonly finished: RequestFinished[];
  /** What was logged as unforeseen. */
  readonly logged: object[];
}

export interface TestServerOptions {
  readonly config?: Partial<HttpConfig>;
  readonly models?: readonly PuppetModel[];
  /** 0: whatever is read and written is so in another thread. */
  readonly threadsFromBytes?: number;
}

/** A test's context, or the test runner itself for a server that all tests of a file share. */
interface Lifetime {
  after(close: () => Promise<void>): void;
}

/** The real HTTP server over a puppet. */
export async function startTestServer(
  lifetime: Lifetime,
  { config, models = puppetModels, threadsFromBytes }: TestServerOptions = {},
): Promise<TestServer> {
  const service = new PuppetService(models);
  const finished: RequestFinished[] = [];
  const logged: object[] = [];
  const app = await createHttpServer({
    service,
    observer: { requestFinished: (event) => void finished.push(event) },
    logger: { error: (details) => void logged.push(details) },
    version: '1.2.3',
    ...(threadsFromBytes !== undefined && { threadsFromBytes }),
    metrics: { contentType: 'text/plain; version=0.0.4', render: async () => 'slipway_up 1\n' },
    config: {
      bodyLimitBytes: 100_000,
      keepAliveTimeoutMs: 75_000,
      requestTimeoutMs: 0,
      nonFinite: 'null',
      docs: false,
      modelControl: true,
      compressFromBytes: 1000,
      maxQueueBytes: 2 ** 20,
      ...config,
    },
  });
  lifetime.after(() => app.close());
  return { app, service, finished, logged };
}
