import { httpStatus } from '../../src/protocols/http/http-status.js';
import type { Ledger } from '../support/ledger.js';
import type { MetricsPage } from '../support/metrics-page.js';

/** What the ledger is held against. */
export const ledgerCounters = [
  'slipway_requests_total',
  'slipway_requests_canceled_total',
  'slipway_request_duration_seconds_count',
] as const;

/** One way for requests to end, as the server counted it and as callers saw it. */
export interface BalanceLine {
  readonly code: string;
  readonly counted: number;
  readonly seen: number;
}

/** Lines may have been counted more often than seen: callers who hung up saw nothing. */
export function requestBalance(page: MetricsPage, ledger: Ledger): readonly BalanceLine[] {
  const counted = page.sumBy('slipway_requests_total', 'code');
  return Object.entries(httpStatus)
    .map(([code, status]) => ({ code, counted: counted.get(code) ?? 0, seen: ledger.seen.get(status) ?? 0 }))
    .filter(({ counted, seen }) => counted + seen > 0);
}
