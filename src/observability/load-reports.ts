import { DecayingRate } from '../core/decaying-rate.js';
import type { RequestFinished, ServingObserver } from '../core/serving-observer.js';
import { type ServerDemand, serverSaturation } from './saturation.js';

export interface LoadReportsOptions {
  readonly demand: () => ServerDemand;
  /** Adds an observer to those that hear of requests; called once, with the first report. */
  readonly listen: (observer: ServingObserver) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

const halfLifeMs = 10_000;
/** Balancers look at means over seconds. */
const sameReportMs = 500;

/** The server's failures, not callers' mistakes. */
const errorCodes: ReadonlySet<string> = new Set([
  'INTERNAL',
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
]);

/**
 * How busy the server is, in the words of ORCA (Open Request Cost Aggregation), for balancers that read it off responses.
 * Counts from the first report on: where nobody asks, requests cost nothing.
 */
export class LoadReports {
  readonly #demand: () => ServerDemand;
  readonly #listen: LoadReportsOptions['listen'];
  readonly #now: () => number;
  readonly #requests: DecayingRate;
  readonly #errors: DecayingRate;
  readonly #queueMs: DecayingRate;
  #isAsked = false;
  #madeAtMs = Number.NEGATIVE_INFINITY;
  #text = '';
  #json = '';
  #measured = { application_utilization: 0, rps_fractional: 0, eps: 0, named_metrics: { queue_ms: 0 } };

  constructor({ demand, listen, now = () => performance.now() }: LoadReportsOptions) {
    this.#demand = demand;
    this.#listen = listen;
    this.#now = now;
    [this.#requests, this.#errors, this.#queueMs] = [1, 2, 3].map(() => new DecayingRate(halfLifeMs, now())) as [
      DecayingRate,
      DecayingRate,
      DecayingRate,
    ];
  }

  /** The value of the header `endpoint-load-metrics`. */
  report(format: 'text' | 'json'): string {
    this.#renew();
    return format === 'json' ? this.#json : this.#text;
  }

  /** The same, to be written otherwise; another object only where it was made anew. */
  measured() {
    this.#renew();
    return this.#measured;
  }

  #renew(): void {
    if (!this.#isAsked) this.#listen({ requestFinished: (event) => this.#count(event) });
    this.#isAsked = true;
    const nowMs = this.#now();
    if (nowMs - this.#madeAtMs >= sameReportMs) this.#make(nowMs);
  }

  #count({ code, timings }: RequestFinished): void {
    const nowMs = this.#now();
    this.#requests.add(1, nowMs);
    if (errorCodes.has(code)) this.#errors.add(1, nowMs);
    if (timings !== undefined) this.#queueMs.add(timings.queueMs, nowMs);
  }

  #make(nowMs: number): void {
    const requests = this.#requests.perSecond(nowMs);
    const queueMs = requests > 0 ? this.#queueMs.perSecond(nowMs) / requests : 0;
    const numbers = {
      application_utilization: rounded(serverSaturation(this.#demand())),
      rps_fractional: rounded(requests),
      eps: rounded(this.#errors.perSecond(nowMs)),
    };
    const named = { queue_ms: rounded(queueMs) };
    const pairs = Object.entries({ ...numbers, 'named_metrics.queue_ms': named.queue_ms });
    this.#text = `TEXT ${pairs.map(([name, value]) => `${name}=${value}`).join(', ')}`;
    this.#measured = { ...numbers, named_metrics: named };
    this.#json = `JSON ${JSON.stringify(this.#measured)}`;
    this.#madeAtMs = nowMs;
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
