import { Counter } from 'prom-client';
import type { MetricSet } from '../../src/observability/metrics.js';

/** A metric of an event: rows of requests that were answered, by the protocol in which they came. */
export const answeredRows: MetricSet = (registry) => {
  const rows = new Counter({
    registers: [registry],
    name: 'example_answered_rows_total',
    help: 'Rows of requests that were answered, by protocol.',
    labelNames: ['protocol'],
  });
  return {
    requestFinished: ({ code, protocol, rows: answered = 0 }) => {
      if (code === 'OK') rows.inc({ protocol }, answered);
    },
  };
};
