import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type ConfiguredAccess, configuredAccess } from './access/configured-access.js';
import { configuredFolder } from './commands/configured-folder.js';
import { configuredGoldenCheck } from './commands/configured-golden-check.js';
import { configuredServers, RunningServers } from './commands/configured-servers.js';
import { configuredTracing } from './commands/configured-tracing.js';
import { claimFolder } from './commands/leftover-folders.js';
import { ModelFiles } from './commands/model-files.js';
import { serverDemand, serviceMetrics } from './commands/service-metrics.js';
import type { Config } from './config/config.js';
import { parseKeysFile } from './config/keys-file.js';
import { parseLoadOverride } from './config/model-settings-texts.js';
import type { ModelStatus } from './core/inference-service.js';
import type { ModelSource } from './core/model-source.js';
import { fanOut, type ServingObserver } from './core/serving-observer.js';
import { ProcessEngine } from './engine/process-engine.js';
import { LifecycleLog } from './observability/lifecycle-log.js';
import { LoadReports } from './observability/load-reports.js';
import type { MetricSet, PrometheusMetrics } from './observability/metrics.js';
import { RequestLog } from './observability/request-log.js';
import type { Tracing } from './observability/tracing/tracing.js';
import { LazyPreparation } from './preparation/lazy-preparation.js';
import type { CreateServer } from './protocols/protocol-server.js';
import { type SharedTools, sharedTools } from './protocols/shared-tools.js';
import { MemoryBudget } from './scheduling/open-requests.js';
import { FirstStarts } from './serving/first-starts.js';
import type { RequestLayer } from './serving/layers.js';
import type { LoadOverride } from './serving/model-control.js';
import { ModelManager } from './serving/model-manager.js';
import { RegistryService } from './serving/registry-service.js';
import { ServableLoader } from './serving/servable-loader.js';
import { taskLayer } from './serving/task/task-layer.js';
import type { PeerContext } from './workers/peer-context.js';

/** How long the folder may be looked at, and the first engine processes be started, before the routes are made. */
const longestHeadStartMs = 100;

export interface ServiceOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Of this program. */
  readonly version: string;
  /** Where its models come from. Default: the folder that the settings name. */
  readonly source?: ModelSource;
  /** Given where this server is one of several behind one port. */
  readonly peers?: PeerContext;
  /** Of further protocols, beside HTTP. */
  readonly servers?: readonly CreateServer[];
  /** Steps around models, from the innermost to the outermost. Default: none. */
  readonly layers?: readonly RequestLayer[];
  /** Metrics beside the server's own. Default: none. */
  readonly metrics?: readonly MetricSet[];
}

/** The whole server, wired: everything is made here and handed to what needs it. Started once, stopped once. */
export class Service {
  readonly #options: ServiceOptions;
  readonly #observers: ServingObserver[] = [];
  readonly #observer = fanOut(this.#observers);
  readonly #requestLog: RequestLog;
  readonly #metrics: PrometheusMetrics;
  readonly #loadReports: LoadReports;
  readonly #engine: ProcessEngine;
  readonly #preparation: LazyPreparation;
  readonly #source: ModelSource;
  readonly #files: ModelFiles;
  readonly #manager: ModelManager;
  readonly #registry: RegistryService;
  #access: ConfiguredAccess | undefined;
  #tracing: Tracing | undefined;
  #shared: SharedTools | undefined;
  readonly #servers: RunningServers;
  #arrivalTimer: NodeJS.Timeout | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#servers = new RunningServers(options.peers);
    const { config, logger, version } = options;
    const observer = this.#observer;
    this.#engine = new ProcessEngine({
      observer,
      telemetry: config.engineTelemetry,
      loadTimeoutMs: config.loadTimeoutMs,
      largestResponseBytes: config.responseLimitBytes,
      claimFolder,
      cores: config.cores,
    });
    this.#preparation = new LazyPreparation({
      cores: config.cores,
      timeoutMs: config.runTimeoutMs,
      maxWaiting: config.maxQueueRows,
      observer,
    });
    this.#source = options.source ?? configuredFolder(config, logger);
    this.#files = new ModelFiles({
      config,
      source: this.#source,
      takesUploads: config.modelUploads && options.peers === undefined,
    });
    const { uploads, prepare } = this.#files;
    const loader = new ServableLoader({
      engine: this.#engine,
      prepare,
      observer,
      budget: new MemoryBudget(config.maxQueueBytes),
      cores: config.cores,
      layers: [taskLayer(this.#preparation), ...(options.layers ?? [])],
      check: configuredGoldenCheck({ files: this.#files, observer, largestResponseBytes: config.responseLimitBytes }),
      defaults: config,
    });
    this.#manager = new ModelManager({
      source: uploads ?? this.#source,
      loader,
      loadConcurrency: config.loadConcurrency,
      // Any further ones would keep the routes from being made.
      headStart: config.loadConcurrency,
      observer,
      looksAgain: config.pollIntervalMs > 0,
      ...(options.peers && { unloaded: options.peers.unloaded }),
    });
    this.#registry = new RegistryService({
      parseOverride: this.#parseOverride,
      ...(uploads && { uploads }),
      maxQueueRows: config.maxQueueRows,
      manager: this.#manager,
      readiness: config.readiness,
      readyWhenEmpty: config.readyWhenEmpty,
    });
    this.#requestLog = new RequestLog({ logger, successesPerSecond: config.logSuccessesPerSecond });
    const demand = serverDemand(this.#registry, config.cores);
    this.#loadReports = new LoadReports({ demand, listen: (observer) => this.#observers.push(observer) });
    this.#metrics = serviceMetrics({
      config,
      version,
      sets: options.metrics ?? [],
      registry: this.#registry,
      engine: this.#engine,
      preparation: this.#preparation,
      demand,
      heldResponseBytes: () => this.#shared?.tools.responses.bytes ?? 0,
    });
    this.#observers.push(this.#metrics.observer, new LifecycleLog(logger));
    if (logger.isLevelEnabled('error')) this.#observers.push(this.#requestLog);
  }

  /** Resolves with HTTP's address once every server listens; models go on loading. */
  async start(): Promise<string> {
    const { config } = this.#options;
    const workDirectory = await this.#files.open();
    this.#metrics.start();
    // Loading begins before the server listens, so that it is ready that much earlier.
    await this.#source.start(longestHeadStartMs);
    void this.#source.opened.then(() => !this.#source.hasBeenRead && this.#waitForModels());
    const firstStarts = new FirstStarts(Math.min(config.loadConcurrency, this.#source.models.size));
    this.#observers.push(firstStarts);
    this.#manager.sync();
    // Other cores load models while this one makes the routes; what does not start soon is not waited for. The timer keeps
    // the process alive: where nothing can be loaded nothing else does.
    await Promise.race([firstStarts.reached, after(longestHeadStartMs)]);
    void this.reconciled().then(() => {
      this.#engine.startAside();
      this.#preparation.startAside();
    });
    await this.#startServers(workDirectory);
    this.#manager.goOn();
    return this.addressOf('http');
  }

  /** Where a server that has started listens, by its name. */
  addressOf(name: string): string {
    return this.#servers.addressOf(name);
  }

  async #startServers(workDirectory: string): Promise<void> {
    const { config, logger, version, peers, servers = [] } = this.#options;
    this.#access = await configuredAccess({
      config,
      parseKeys: parseKeysFile,
      share: peers?.share ?? 1,
      logger,
      observer: this.#observer,
    });
    this.#observers.push(this.#access.observer);
    this.#tracing = await configuredTracing({ config, logger, version });
    if (this.#tracing !== undefined) this.#observers.push(this.#tracing);
    const own = { service: this.#registry, metrics: this.#metrics };
    const { service, metrics } = peers?.sharedFace(own) ?? own;
    this.#shared = sharedTools({
      service,
      access: this.#access.access,
      tls: this.#access.tls,
      observer: this.#observer,
      logger,
      config,
      ...(config.sharedMemory && { regionsFolder: join(peers?.folder ?? workDirectory, 'regions') }),
    });
    const made = await configuredServers({
      ...this.#shared,
      config,
      logger,
      version,
      metrics,
      loadReporter: this.#loadReports,
      tracer: this.#tracing,
      servers,
    });
    await this.#servers.start(made, workDirectory);
  }

  #waitForModels(): void {
    const { config, logger } = this.#options;
    logger.info(`waiting for ${this.#source.name}; not ready until it comes`);
    this.#arrivalTimer = setTimeout(() => {
      if (this.#source.hasBeenRead) return;
      const problem = this.#source.problem ?? 'it is not there';
      logger.error(`${this.#source.name} has not come in ${config.waitForModelsMs} ms (${problem}); still waiting`);
    }, config.waitForModelsMs).unref();
  }

  /** Says that it is not ready, and goes on serving. */
  startDraining(): void {
    this.#registry.startDraining();
    this.#servers.drain();
  }

  /** Resolves when every version found at the start serves or has failed. */
  async reconciled(): Promise<readonly ModelStatus[]> {
    await this.#source.opened;
    await Promise.all([...this.#manager.models.values()].map((entry) => this.#manager.reconciled(entry)));
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
    this.startDraining();
    await after(drainDelayMs);
    this.#source.stop();
    clearTimeout(this.#arrivalTimer);
    const timeUp = new AbortController();
    const forced = after(drainTimeoutMs, undefined, { signal: timeUp.signal }).then(
      () => this.#servers.destroy(),
      () => undefined,
    );
    const drained = this.#servers.close().then(() => this.#manager.stop());
    await Promise.race([drained, forced]);
    timeUp.abort();
    this.#access?.stop();
    await this.#engine.close();
    await drained;
    await this.#preparation.close();
    await this.#tracing?.close();
    await this.#shared?.tools.threads.close();
    await this.#manager.loadsEnded();
    this.#metrics.stop();
    this.#requestLog.close();
    await this.#files.remove();
  }

  readonly #parseOverride = (text: string, modelName: string, hasFiles: boolean): LoadOverride => {
    const { notes, ...override } = parseLoadOverride(text, modelName, hasFiles);
    for (const note of notes) this.#options.logger.warn({ model: modelName }, `the configuration sent along: ${note}`);
    return override;
  };
}
