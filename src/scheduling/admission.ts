import type { InstanceGroup } from '../core/inference-engine.js';
import { formatId, type ModelVersionId } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import { weightOf } from './active-request.js';
import type { CostCurve } from './cost-curve.js';
import { DrainRate } from './drain-rate.js';
import type { ScheduledRequest } from './scheduled-request.js';

export interface AdmissionOptions {
  readonly id: ModelVersionId;
  readonly curve: CostCurve;
  readonly group: Pick<InstanceGroup, 'instanceCount'>;
  readonly maxQueueRows: number;
}

/** What the door must know of the queue behind it. */
export interface QueueLoad {
  readonly queuedRows: number;
  readonly maxBatchRows: number;
  readonly nowMs: number;
}

const shortestRetryAfterSeconds = 1;
const longestRetryAfterSeconds = 30;

/** How long one refusal may be repeated: what it says of the queue and its speed hardly changes faster. */
const sameRefusalMs = 50;

/** Decides at the door, before anything is queued, what the queue cannot serve. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #drainRate: DrainRate;
  #fullness: ServingError | undefined;
  #fullnessSinceMs = 0;

  constructor(options: AdmissionOptions, nowMs: number) {
    this.#options = options;
    this.#drainRate = new DrainRate(nowMs);
  }

  /** Tells how fast the queue is worked off. */
  finished(rows: number, nowMs: number): void {
    this.#drainRate.finished(rows, nowMs);
  }

  /** Why the request cannot be taken; undefined when it can. */
  refusal(request: ScheduledRequest, load: QueueLoad): ServingError | undefined {
    const weight = weightOf(request.rows);
    if (load.queuedRows > 0 && load.queuedRows + weight > this.#options.maxQueueRows) return this.#queueFull(load);
    if (request.deadlineMs === undefined) return undefined;
    const leftMs = request.deadlineMs - load.nowMs;
    if (leftMs <= 0) return expired();
    const neededMs = this.#neededMs(weight, load);
    if (neededMs <= leftMs) return undefined;
    return new ServingError(
      'DEADLINE_EXCEEDED',
      `the deadline in ${Math.round(leftMs)} ms cannot be met: what waits and this request need about ${Math.ceil(neededMs)} ms`,
      { retryAfterSeconds: this.#retryAfterSeconds(load) },
    );
  }

  /**
   * Why no request can be taken at all; undefined when some can. One error tells many callers the same: what a flood is
   * refused with must cost next to nothing, and with an error goes its stack.
   */
  refusalOfAll(load: QueueLoad): ServingError | undefined {
    const { queuedRows, nowMs } = load;
    if (queuedRows === 0 || queuedRows < this.#options.maxQueueRows) return undefined;
    if (this.#fullness === undefined || nowMs - this.#fullnessSinceMs >= sameRefusalMs) {
      this.#fullness = this.#queueFull(load);
      this.#fullnessSinceMs = nowMs;
    }
    return this.#fullness;
  }

  #queueFull(load: QueueLoad): ServingError {
    return this.full(`its queue holds ${load.queuedRows} of at most ${this.#options.maxQueueRows} rows`, load);
  }

  full(why: string, load: QueueLoad): ServingError {
    return new ServingError('UNAVAILABLE', `${formatId(this.#options.id)} is overloaded: ${why}; try again later`, {
      retryAfterSeconds: this.#retryAfterSeconds(load),
    });
  }

  /** How long a request of `rows` rows that came now is expected to take; 0 while nothing was learned. */
  #neededMs(rows: number, { queuedRows, maxBatchRows }: QueueLoad): number {
    const { curve, group } = this.#options;
    const ownRows = Math.min(rows, maxBatchRows);
    const ownMs = curve.predictMs(ownRows) ?? 0;
    const fullMs = curve.predictMs(maxBatchRows) ?? 0;
    const queueMs = (queuedRows / maxBatchRows) * fullMs;
    return queueMs / Math.max(1, group.instanceCount) + ownMs * Math.ceil(rows / ownRows);
  }

  #retryAfterSeconds({ queuedRows, nowMs }: QueueLoad): number {
    const rate = this.#drainRate.rowsPerSecond(nowMs);
    const seconds = rate > 0 ? Math.ceil(queuedRows / rate) : 0;
    return Math.min(longestRetryAfterSeconds, Math.max(shortestRetryAfterSeconds, seconds));
  }
}

export const canceled = (): ServingError => new ServingError('CANCELED', 'the caller went away');

export const expired = (): ServingError =>
  new ServingError('DEADLINE_EXCEEDED', 'the deadline passed before the answer was computed');
