import { ServingError } from '../core/serving-error.js';

export interface Rates {
  readonly requestsPerSecond?: number | undefined;
  readonly rowsPerSecond?: number | undefined;
}

/** Of a second at most: that long a pause is made up for at once. */
class Bucket {
  readonly perSecond: number;
  tokens: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.tokens = this.#size;
    this.#filledAtMs = nowMs;
  }

  /** A bucket of less than one would never let anything through. */
  get #size(): number {
    return Math.max(1, this.perSecond);
  }

  fill(nowMs: number): void {
    this.tokens = Math.min(this.#size, this.tokens + ((nowMs - this.#filledAtMs) * this.perSecond) / 1000);
    this.#filledAtMs = nowMs;
  }
}

/**
 * What one caller may send in a second. A request is let in while there is room for it; its rows are known when it is
 * answered, and count then: a caller who is in debt waits until it is paid.
 */
export class RateLimit {
  readonly #caller: string;
  readonly #requests: Bucket | undefined;
  readonly #rows: Bucket | undefined;
  readonly #now: () => number;

  constructor(caller: string, rates: Rates, now = () => performance.now()) {
    const { requestsPerSecond, rowsPerSecond } = rates;
    this.#caller = caller;
    this.#now = now;
    this.#requests = requestsPerSecond === undefined ? undefined : new Bucket(requestsPerSecond, now());
    this.#rows = rowsPerSecond === undefined ? undefined : new Bucket(rowsPerSecond, now());
  }

  /** Undefined where the request may go on, which then counts. */
  takeRequest(): ServingError | undefined {
    const nowMs = this.#now();
    const requests = this.#requests;
    const rows = this.#rows;
    rows?.fill(nowMs);
    requests?.fill(nowMs);
    if (rows !== undefined && rows.tokens <= 0) return this.#exceeded(rows, -rows.tokens, 'rows');
    if (requests === undefined) return undefined;
    if (requests.tokens < 1) return this.#exceeded(requests, 1 - requests.tokens, 'requests');
    requests.tokens--;
    return undefined;
  }

  rowsAnswered(rows: number): void {
    if (this.#rows !== undefined) this.#rows.tokens -= rows;
  }

  #exceeded({ perSecond }: Bucket, missing: number, what: 'requests' | 'rows'): ServingError {
    const resetSeconds = missing / perSecond;
    return new ServingError(
      'RESOURCE_EXHAUSTED',
      `${this.#caller}: more than ${Number(perSecond.toPrecision(3))} ${what} a second; try again in ${Math.max(0.001, resetSeconds).toFixed(3)} s`,
      { retryAfterSeconds: resetSeconds, denial: { reason: 'rate-limit', perSecond, resetSeconds } },
    );
  }
}
