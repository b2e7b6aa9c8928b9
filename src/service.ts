import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { parseModelConfig } from './config/model-config-schema.js';
import { connectionBacklog } from './core/connection-backlog.js';
import type { ModelStatus } from './core/inference-service.js';
import type { PrepareModel } from './core/model-source.js';
import { fanOut, type ServingObserver } from './core/serving-observer.js';
import { ProcessEngine } from './engine/process-engine.js';
import type { Fellowship } from './fronts/fellowship.js';
import { LifecycleLog } from './observability/lifecycle-log.js';
import { PrometheusMetrics } from './observability/metrics.js';
import { RequestLog } from './observability/request-log.js';
import { KeptCopies } from './onnx/kept-copies.js';
import { prepareModel } from './onnx/prepare-model.js';
import { engineVersion } from './package-version.js';
import { ModelRepository } from './repository/model-repository.js';
import { MemoryBudget } from './scheduling/memory-budget.js';
import { withClassLabels } from './serving/class-labels.js';
import { FirstStarts } from './serving/first-starts.js';
import { ModelManager } from './serving/model-manager.js';
import { RegistryService } from './serving/registry-service.js';
import { ServableLoader } from './serving/servable-loader.js';

/** Model files beyond these limits have to stay where they are for as long as they serve. */
const keptLimits = { largestBytes: 64 * 2 ** 20, totalBytes: 512 * 2 ** 20 };

/** How long the first engine processes may take to be started before the routes are made. */
const longestHeadStartMs = 100;

export interface ServiceOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Of this program. */
  readonly version: string;
  /** Given where this server is one of several behind one port. */
  readonly fellowship?: Fellowship;
}

/** The whole server, wired: everything is made here and handed to what needs it. Started once, stopped once. */
export class Service {
  readonly #options: ServiceOptions;
  readonly #observers: ServingObserver[] = [];
  readonly #observer = fanOut(this.#observers);
  readonly #requestLog: RequestLog;
  readonly #metrics: PrometheusMetrics;
  readonly #engine: ProcessEngine;
  readonly #repository: ModelRepository;
  readonly #manager: ModelManager;
  readonly #registry: RegistryService;
  #workDirectory: string | undefined;
  #keptCopies: KeptCopies | undefined;
  #http: FastifyInstance | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const { config, logger, version } = options;
    const observer = this.#observer;
    this.#engine = new ProcessEngine({
      observer,
      telemetry: config.engineTelemetry,
      loadTimeoutMs: config.loadTimeoutMs,
      cores: config.cores,
    });
    this.#repository = new ModelRepository({
      directory: config.models,
      modelName: config.modelName,
      pollIntervalMs: config.pollIntervalMs,
      parseModelConfig,
      onProblem: (problem) => logger.warn(`model repository: ${problem}`),
    });
    const loader = new ServableLoader({
      engine: this.#engine,
      prepare: this.#prepare,
      observer,
      budget: new MemoryBudget(config.maxQueueBytes),
      cores: config.cores,
      defaults: config,
    });
    this.#manager = new ModelManager({
      source: this.#repository,
      loader,
      loadConcurrency: config.loadConcurrency,
      observer,
      ...(options.fellowship && { unloaded: options.fellowship.unloaded }),
    });
    this.#registry = new RegistryService({ manager: this.#manager, readiness: config.readiness });
    this.#requestLog = new RequestLog({ logger, successesPerSecond: config.logSuccessesPerSecond });
    this.#metrics = this.#createMetrics(version);
    this.#observers.push(this.#metrics, this.#requestLog, new LifecycleLog(logger));
  }

  /** Resolves with the address once the server listens; models go on loading. */
  async start(): Promise<string> {
    const { config, logger, version } = this.#options;
    this.#workDirectory = await mkdtemp(join(tmpdir(), 'slipway-'));
    this.#keptCopies = new KeptCopies({ directory: join(this.#workDirectory, 'kept'), ...keptLimits });
    this.#metrics.start();
    // Loading begins before the server listens, so that it is ready that much earlier.
    await this.#repository.start();
    const firstStarts = new FirstStarts(Math.min(config.loadConcurrency, this.#repository.models.size));
    this.#observers.push(firstStarts);
    this.#manager.sync();
    // Other cores load models while this one makes the routes; what does not start soon is not waited for.
    await Promise.race([firstStarts.reached, after(longestHeadStartMs, undefined, { ref: false })]);
    void this.settled().then(() => this.#engine.startAside());
    // Loaded only now: engine processes start meanwhile.
    const { createHttpServer } = await import('./protocols/http-server.js');
    const { fellowship } = this.#options;
    const own = { service: this.#registry, metrics: this.#metrics };
    this.#http = await createHttpServer({
      ...(fellowship?.sharedFace(own) ?? own),
      observer: this.#observer,
      config,
      logger,
      version,
      isDraining: () => this.#registry.isDraining,
    });
    if (fellowship === undefined)
      return this.#http.listen({ host: config.host, port: config.port, backlog: connectionBacklog });
    // Nobody calls there. Without listening somewhere Node's server neither times connections out nor closes them.
    const address = await this.#http.listen({ path: join(this.#workDirectory, 'front.sock') });
    fellowship.connections.attach(this.#http.server);
    return address;
  }

  /** Says that it is not ready, and goes on serving. */
  startDraining(): void {
    this.#registry.startDraining();
  }

  /** Resolves when every version found at the start serves or has failed. */
  async settled(): Promise<readonly ModelStatus[]> {
    await Promise.all([...this.#manager.models.values()].map((entry) => this.#manager.settled(entry)));
    return this.#registry.models();
  }

  get registry(): RegistryService {
    return this.#registry;
  }

  get metrics(): PrometheusMetrics {
    return this.#metrics;
  }

  /**
   * The reverse of the start: unready, still accepting for `drainDelayMs`, then no longer, what was taken is
   * finished within `drainTimeoutMs`, and the engine processes end.
   */
  async stop(): Promise<void> {
    const { drainDelayMs, drainTimeoutMs } = this.#options.config;
    this.#registry.startDraining();
    await after(drainDelayMs);
    this.#repository.stop();
    const timeUp = new AbortController();
    const handed = this.#options.fellowship?.connections;
    const forced = after(drainTimeoutMs, undefined, { signal: timeUp.signal }).then(
      () => {
        this.#http?.server.closeAllConnections();
        handed?.closeAll();
      },
      () => undefined,
    );
    const drained = this.#http
      ?.close()
      .then(() => handed?.emptied())
      .then(() => this.#manager.stop());
    await Promise.race([drained, forced]);
    timeUp.abort();
    await this.#engine.close();
    await drained;
    await this.#manager.loadsEnded();
    this.#metrics.stop();
    this.#requestLog.close();
    if (this.#workDirectory !== undefined) await rm(this.#workDirectory, { recursive: true, force: true });
  }

  readonly #prepare: PrepareModel = async (modelPath, config) => {
    const directory = this.#workDirectory ?? tmpdir();
    const prepared = await prepareModel(modelPath, {
      cacheDirectory: resolve(this.#options.config.cacheDirectory ?? join(directory, 'rewritten')),
      ...(this.#keptCopies && { keptCopies: this.#keptCopies }),
    });
    return withClassLabels(prepared, config.classLabels);
  };

  #createMetrics(version: string): PrometheusMetrics {
    const { config } = this.#options;
    return new PrometheusMetrics({
      build: { version, onnxruntime: engineVersion() },
      compatibility: config.metricsCompatibility,
      gauges: () =>
        this.#registry.servables().map((servable) => ({
          id: servable.id,
          queuedRows: servable.queuedRows,
          queuedRequests: servable.queuedRequests,
          inFlightRequests: servable.openRequests - servable.queuedRequests,
          instances: servable.instances,
        })),
      engineResidentBytes: () =>
        [...this.#engine.processes()].map(({ id, residentBytes }) => ({ id, bytes: residentBytes })),
      models: () => this.#registry.models(),
      ready: () => this.#registry.ready,
    });
  }
}
