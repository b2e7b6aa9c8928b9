import { DecayingRate } from '../core/decaying-rate.js';
import type { InstanceGroup } from '../core/inference-engine.js';
import { type Batching, formatId, type ModelVersionId } from '../core/model.js';
import type { Demand } from '../core/servable.js';
import { ServingError } from '../core/serving-error.js';
import { expired, weightOf } from './active-request.js';
import type { BatchSizing } from './batch-sizing.js';
import type { CostCurve } from './cost-curve.js';
import type { ScheduledRequest } from './scheduler.js';

export interface AdmissionOptions {
  readonly id: ModelVersionId;
  readonly curve: Pick<CostCurve, 'predictMs'>;
  readonly sizing: Pick<BatchSizing, 'batching' | 'maxRows'>;
  readonly group: Pick<InstanceGroup, 'instanceCount'>;
  /** What waits. */
  readonly queue: { readonly rows: number };
  readonly maxQueueRows: number;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

const shortestRetryAfterSeconds = 1;
const longestRetryAfterSeconds = 30;

/** How long one rejection may be repeated: what it says of the queue and its speed hardly changes faster. */
const sameRejectionMs = 50;

/** Rejects, before anything is queued, what the queue cannot serve; knows how much is asked for, and how much could be computed. */
export class Admission {
  /** How fast the queue is worked off: to be told of each run. */
  readonly drainRate: DrainRate;
  readonly #options: AdmissionOptions;
  readonly #offered: OfferedLoad;
  #fullness: ServingError | undefined;
  #fullnessSinceMs = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    const nowMs = options.now();
    this.drainRate = new DrainRate(nowMs);
    this.#offered = new OfferedLoad(nowMs);
  }

  /** Counts a request that came, and says why it cannot be taken; undefined when it can. */
  rejection(request: ScheduledRequest, nowMs: number): ServingError | undefined {
    const weight = weightOf(request.rows);
    this.#offered.came(weight, nowMs);
    const { queue, maxQueueRows } = this.#options;
    if (queue.rows > 0 && queue.rows + weight > maxQueueRows) return this.#queueFull(nowMs);
    if (request.deadlineMs === undefined) return undefined;
    const leftMs = request.deadlineMs - nowMs;
    if (leftMs <= 0) return expired();
    const neededMs = this.#neededMs(weight);
    if (neededMs <= leftMs) return undefined;
    return new ServingError(
      'DEADLINE_EXCEEDED',
      `the deadline in ${Math.round(leftMs)} ms cannot be met: what waits and this request need about ${Math.ceil(neededMs)} ms`,
      { retryAfterSeconds: this.#retryAfterSeconds(nowMs) },
    );
  }

  /**
   * Why no request can be taken, whatever it brings; undefined where the queue is not full. Counts a request that came and
   * was not read. One error tells many callers the same: what a flood is rejected with must cost next to nothing, and with
   * an error goes its stack.
   */
  rejectionOfAll(): ServingError | undefined {
    const { queue, maxQueueRows, now } = this.#options;
    if (queue.rows === 0 || queue.rows < maxQueueRows) return undefined;
    const nowMs = now();
    this.#offered.cameUnread(nowMs);
    if (this.#fullness === undefined || nowMs - this.#fullnessSinceMs >= sameRejectionMs) {
      this.#fullness = this.#queueFull(nowMs);
      this.#fullnessSinceMs = nowMs;
    }
    return this.#fullness;
  }

  #queueFull(nowMs: number): ServingError {
    const { queue, maxQueueRows } = this.#options;
    return this.overload(`its queue holds ${queue.rows} of at most ${maxQueueRows} rows`, nowMs);
  }

  overload(why: string, nowMs: number): ServingError {
    return new ServingError('UNAVAILABLE', `${formatId(this.#options.id)} is overloaded: ${why}; try again later`, {
      retryAfterSeconds: this.#retryAfterSeconds(nowMs),
    });
  }

  demand(): Demand {
    const { curve, group, now, sizing } = this.#options;
    const nowMs = now();
    const { batching, maxRows } = sizing;
    const facts = { batching, maxRows, meanRows: this.#offered.meanRows(nowMs), instances: group.instanceCount };
    return {
      offeredRowsPerSecond: this.#offered.rowsPerSecond(nowMs),
      capacityRowsPerSecond: capacityRowsPerSecond(curve, facts),
    };
  }

  /** How long a request of `rows` rows that came now is expected to take; 0 while nothing was learned. */
  #neededMs(rows: number): number {
    const { curve, group, queue, sizing } = this.#options;
    const { maxRows } = sizing;
    const ownRows = Math.min(rows, maxRows);
    const ownMs = curve.predictMs(ownRows) ?? 0;
    const fullMs = curve.predictMs(maxRows) ?? 0;
    const queueMs = (queue.rows / maxRows) * fullMs;
    return queueMs / Math.max(1, group.instanceCount) + ownMs * Math.ceil(rows / ownRows);
  }

  #retryAfterSeconds(nowMs: number): number {
    const rate = this.drainRate.rowsPerSecond(nowMs);
    const seconds = rate > 0 ? Math.ceil(this.#options.queue.rows / rate) : 0;
    return Math.min(longestRetryAfterSeconds, Math.max(shortestRetryAfterSeconds, seconds));
  }
}

/** Mean age of what counts: 29 s. An autoscaler looks every 15 to 30 s. */
const offeredHalfLifeMs = 20_000;
/** The averages are told of so much at once. */
const tellEveryMs = 250;

/** How much is asked for: what is accepted, what is rejected, and what is rejected before anybody read how many rows it has. */
export class OfferedLoad {
  readonly #rows: DecayingRate;
  readonly #requests: DecayingRate;
  /** What came since the averages were told. */
  #newRows = 0;
  #newRequests = 0;
  #toldAtMs: number;

  constructor(nowMs: number) {
    this.#rows = new DecayingRate(offeredHalfLifeMs, nowMs);
    this.#requests = new DecayingRate(offeredHalfLifeMs, nowMs);
    this.#toldAtMs = nowMs;
  }

  came(rows: number, nowMs: number): void {
    this.#newRows += rows;
    this.#newRequests++;
    if (nowMs - this.#toldAtMs >= tellEveryMs) this.#tell(nowMs);
  }

  #tell(nowMs: number): void {
    this.#rows.add(this.#newRows, nowMs);
    this.#requests.add(this.#newRequests, nowMs);
    this.#newRows = 0;
    this.#newRequests = 0;
    this.#toldAtMs = nowMs;
  }

  /** A request that nobody read has as many rows as others have. */
  cameUnread(nowMs: number): void {
    this.came(this.meanRows(nowMs), nowMs);
  }

  rowsPerSecond(nowMs: number): number {
    this.#tell(nowMs);
    return this.#rows.perSecond(nowMs);
  }

  /** Rows of a request; 1 before any came. */
  meanRows(nowMs: number): number {
    this.#tell(nowMs);
    const requests = this.#requests.perSecond(nowMs);
    return requests > 0 ? this.#rows.perSecond(nowMs) / requests : 1;
  }
}

export interface CapacityFacts {
  readonly batching: Batching;
  /** Rows that a run takes at most. */
  readonly maxRows: number;
  /** Rows of a request. */
  readonly meanRows: number;
  readonly instances: number;
}

/**
 * Runs of the size that the model is best at, one after the other on every instance; of one request each where requests
 * must not share runs. An instance that is being started again counts: it will be back before pods are.
 */
export function capacityRowsPerSecond(curve: Pick<CostCurve, 'predictMs'>, facts: CapacityFacts): number | undefined {
  const { batching, maxRows, meanRows, instances } = facts;
  const rows = batching.kind === 'none' ? Math.max(1, meanRows) : maxRows;
  const runMs = curve.predictMs(rows);
  return runMs === undefined || runMs <= 0 ? undefined : (rows / runMs) * 1000 * Math.max(1, instances);
}

/** Older work counts half after this long. */
const drainHalfLifeMs = 2000;

/** How fast a queue is worked off, in rows a second: an exponentially decaying average of what was finished. */
export class DrainRate {
  #rows = 0;
  #weightMs = 0;
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  finished(rows: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs > 0) {
      const kept = 2 ** (-elapsedMs / drainHalfLifeMs);
      this.#rows *= kept;
      this.#weightMs = this.#weightMs * kept + elapsedMs * (elapsedMs > drainHalfLifeMs ? kept : 1);
      this.#lastMs = nowMs;
    }
    this.#rows += rows;
  }

  /** 0 before anything was finished. */
  rowsPerSecond(nowMs: number): number {
    this.finished(0, nowMs);
    return this.#weightMs > 0 ? (this.#rows / this.#weightMs) * 1000 : 0;
  }
}
