/** What the load generator is asked to do. It crosses to its process as structured clone. */
export interface LoadPlan {
  readonly host: string;
  readonly port: number;
  /** Whole HTTP/1.1 requests, head and body, which take turns. */
  readonly requests: readonly Uint8Array[];
  readonly pace: Pace;
  /** Load before anything is counted. */
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Process whose CPU time, and that of its descendants, is charged to the requests. */
  readonly pid?: number | undefined;
}

/** A plan whose callers wait for their answers. */
export type ClosedLoadPlan = LoadPlan & { readonly pace: { readonly kind: 'closed' } };

export type Pace =
  /** So many callers, each sending its next request when the last one is answered. */
  | { readonly kind: 'closed'; readonly connections: number }
  /** Arrivals at random (Poisson), whether or not the server keeps up; latency counts from the intended moment. */
  | { readonly kind: 'open'; readonly requestsPerSecond: number; readonly maxConnections: number }
  /** Connections that are answered once and then say nothing more. */
  | { readonly kind: 'idle'; readonly connections: number };

export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoadReport {
  /** Over which answers were counted. */
  readonly seconds: number;
  /** Latencies by HTTP status; in an open loop those of the requests that were due within the time. */
  readonly byStatus: Readonly<Record<number, Latencies>>;
  /** Answers that came within the time, by HTTP status. */
  readonly answersByStatus: Readonly<Record<number, number>>;
  /** Connections that failed or were closed under a request. */
  readonly failures: number;
  /** Open loop: arrivals within the time, and those of them that found no free connection at once. */
  readonly arrivals: number;
  readonly delayedArrivals: number;
  /** CPU time within the time, in microseconds: of the given process alone, and of its descendants. */
  readonly processCpuUs: number;
  readonly descendantsCpuUs: number;
  /** Memory of the given process at the start, before any connection was open, and at the end. */
  readonly residentBytes: { readonly before: number; readonly after: number };
}
