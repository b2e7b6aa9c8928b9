import { httpStatus } from '../../src/protocols/http/http-status.js';
import type { Books } from './books.js';
import type { MetricsPage } from './metrics-page.js';

/** One way for requests to end, as the server counted it and as callers saw it. */
export interface BalanceLine {
  readonly code: string;
  readonly counted: number;
  readonly seen: number;
}

/** Lines may have been counted more often than seen: callers who hung up saw nothing. */
export function requestBalance(page: MetricsPage, books: Books): readonly BalanceLine[] {
  const counted = page.sumBy('slipway_requests_total', 'code');
  return Object.entries({ OK: 200, ...httpStatus })
    .map(([code, status]) => ({ code, counted: counted.get(code) ?? 0, seen: books.seen.get(status) ?? 0 }))
    .filter(({ counted, seen }) => counted + seen > 0);
}
