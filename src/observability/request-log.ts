import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { ErrorCode } from '../core/serving-error.js';
import type { CallDenied, RequestFinished, ServingObserver } from '../core/serving-observer.js';
import { TokenBucket } from './token-bucket.js';

/** What a line is about: our answer, the caller's mistake, a request rejected, a fault of ours. */
type Kind = 'success' | 'mistake' | 'rejected' | 'fault';

const kinds = {
  OK: 'success',
  INVALID_ARGUMENT: 'mistake',
  UNAUTHENTICATED: 'mistake',
  PERMISSION_DENIED: 'mistake',
  NOT_FOUND: 'mistake',
  METHOD_NOT_ALLOWED: 'mistake',
  CONFLICT: 'mistake',
  PAYLOAD_TOO_LARGE: 'mistake',
  UNSUPPORTED_MEDIA_TYPE: 'mistake',
  CANCELED: 'mistake',
  RESOURCE_EXHAUSTED: 'rejected',
  UNAVAILABLE: 'rejected',
  DEADLINE_EXCEEDED: 'rejected',
  INTERNAL: 'fault',
  UNIMPLEMENTED: 'fault',
} as const satisfies Record<ErrorCode | 'OK', Kind>;

const levels = { success: 'info', mistake: 'info', rejected: 'warn', fault: 'error' } as const;

export interface RequestLogOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'isLevelEnabled'>;
  /** Lines for requests that succeeded, at most. */
  readonly successesPerSecond: number;
  /** Lines for mistakes, at most, and for faults. */
  readonly failuresPerSecond?: number;
  /** Lines for requests rejected, at most: in a flood they are all alike, and each costs what a rejection does. */
  readonly rejectionsPerSecond?: number;
  /** How often the lines left out for failures are summed up. */
  readonly summaryIntervalMs?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * A line a request, without its data: successes are a sample, failures are all logged up to a rate that no client can
 * push over, with a line now and then that counts those left out. A message of a caller's mistake may quote what the
 * caller sent, so it is logged at level `debug` only.
 */
export class RequestLog implements ServingObserver {
  readonly #logger: RequestLogOptions['logger'];
  readonly #buckets: Record<Kind, TokenBucket>;
  readonly #summaryIntervalMs: number;
  readonly #now: () => number;
  readonly #leftOut = new Map<ErrorCode, number>();
  #summaryTimer: NodeJS.Timeout | undefined;

  constructor(options: RequestLogOptions) {
    const { logger, successesPerSecond, failuresPerSecond = 10, rejectionsPerSecond = 1 } = options;
    this.#logger = logger;
    this.#buckets = {
      success: new TokenBucket(successesPerSecond),
      mistake: new TokenBucket(failuresPerSecond),
      rejected: new TokenBucket(rejectionsPerSecond),
      fault: new TokenBucket(failuresPerSecond),
    };
    this.#summaryIntervalMs = options.summaryIntervalMs ?? 10_000;
    this.#now = options.now ?? (() => performance.now());
  }

  requestFinished(event: RequestFinished): void {
    const kind = kinds[event.code];
    const level = levels[kind];
    if (!this.#logger.isLevelEnabled(level)) return;
    if (this.#buckets[kind].tryTake(this.#now())) {
      const quotable = kind !== 'mistake' || this.#logger.isLevelEnabled('debug');
      const fields = { ...fieldsOf(event), ...(quotable && failureOf(event.error, kind)) };
      this.#logger[level](fields, kind === 'success' ? 'request answered' : 'request failed');
    } else if (event.code !== 'OK') this.#leaveOut(event.code);
  }

  /** Inference that is denied is a request that failed, and logged as such. */
  callDenied({ scope, code, requestId, reason }: CallDenied): void {
    if (scope === 'infer' || !this.#logger.isLevelEnabled('info')) return;
    if (this.#buckets.mistake.tryTake(this.#now())) {
      const quoted = this.#logger.isLevelEnabled('debug') ? { reason } : {};
      this.#logger.info({ requestId, scope, code, ...quoted }, 'call denied');
    } else this.#leaveOut(code);
  }

  /** Writes what is still to be summed up. */
  close(): void {
    clearTimeout(this.#summaryTimer);
    this.#summarize();
  }

  #leaveOut(code: ErrorCode): void {
    this.#leftOut.set(code, (this.#leftOut.get(code) ?? 0) + 1);
    this.#summaryTimer ??= setTimeout(() => this.#summarize(), this.#summaryIntervalMs).unref();
  }

  #summarize(): void {
    this.#summaryTimer = undefined;
    if (this.#leftOut.size === 0) return;
    this.#logger.warn({ leftOut: Object.fromEntries(this.#leftOut) }, 'lines of failed requests were left out');
    this.#leftOut.clear();
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

function fieldsOf({
  requestId,
  trace,
  principal,
  id,
  protocol,
  code,
  status,
  rows,
  durationMs,
  timings,
}: RequestFinished) {
  return {
    requestId,
    // As OpenTelemetry names them in logs.
    trace_id: trace?.traceId,
    span_id: trace?.spanId,
    principal,
    model: id?.name,
    version: id?.version,
    protocol,
    code,
    status,
    rows,
    durationMs: rounded(durationMs),
    queueMs: timings && rounded(timings.queueMs),
    computeMs: timings && rounded(timings.computeMs),
  };
}

/** Where an error arose matters only when it is ours. */
function failureOf(error: unknown, kind: Kind) {
  if (kind === 'fault') return { error };
  return error instanceof Error && { reason: error.message };
}
