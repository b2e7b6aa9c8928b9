/** The server's settings, validated and frozen. Names carry their units. */
export interface Config {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Absolute path of the model repository. */
  readonly models: string;
  /** How often the repository is looked at for changes; 0 never. */
  readonly pollIntervalMs: number;
  /** Versions loaded at the same time. */
  readonly loadConcurrency: number;
  readonly loadTimeoutMs: number;
  /** `some`: ready when every wanted version settled and one serves; `all`: when all serve. */
  readonly readiness: 'some' | 'all';
  readonly bodyLimitBytes: number;
  /** Longer than the gateway's, or the connections it reuses fail. */
  readonly keepAliveTimeoutMs: number;
  /** Deadline of a request that brings none; 0 is none. */
  readonly requestTimeoutMs: number;
  /** A run that takes longer is ended together with its engine process. */
  readonly runTimeoutMs: number;
  /** After SIGTERM: unready but still accepting, so that gateways notice. */
  readonly drainDelayMs: number;
  /** After SIGTERM: how long taken requests may take to finish. */
  readonly drainTimeoutMs: number;
  /** Rows that may wait for one model. */
  readonly maxQueueRows: number;
  readonly maxQueueDelayMs: number;
  /** Memory that queued tensors of all models may hold. */
  readonly maxQueueBytes: number;
  /** Cores to plan for; found from the container's limits when absent. */
  readonly cores?: number;
  /** How NaN and infinities are written in JSON answers. */
  readonly nonFinite: 'null' | 'token' | 'string';
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Log lines for successful requests, at most; failures are always logged. */
  readonly logSuccessesPerSecond: number;
  /** Other servers whose metric names are exported besides the own ones. */
  readonly metricsCompatibility: readonly ('triton' | 'tensorflow-serving')[];
  /** The API's documentation at /docs. */
  readonly docs: boolean;
  /** Models may be loaded and unloaded through the API. */
  readonly modelControl: boolean;
  /** Usage data that onnxruntime itself would send to its maker. */
  readonly engineTelemetry: boolean;
}
