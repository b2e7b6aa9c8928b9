/** Who takes part in a comparison. */
export interface Contender {
  /** As the tables say it. */
  readonly name: string;
  /** One stretch of load, measured. */
  sample(window: Window): Promise<Sample>;
}

export interface Window {
  readonly connections: number;
  readonly warmupMs: number;
  readonly durationMs: number;
}

/** What one stretch of load came to. */
export interface Sample {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time a request, in microseconds: of the process that listens, and of those below it. */
  readonly workerCpuUs: number;
  readonly engineCpuUs: number;
  readonly workerBytes: number;
  readonly engineBytes: number;
  /** Answers other than 200, and broken connections. */
  readonly failures: number;
}
