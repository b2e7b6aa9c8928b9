import type { Registry } from 'prom-client';
import type { ErrorCode } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { CounterFamily } from './metric-families.js';
import { type CounterSeries, SeriesBy } from './series.js';

/** As many as a file may have keys; subjects of tokens may be any number. */
const mostPrincipals = 1000;
/** No key and no token has this id. */
const others = '(others)';

interface PrincipalSeries {
  readonly codes: SeriesBy<ErrorCode | 'OK', CounterSeries>;
  readonly rows: CounterSeries;
}

/** What each caller that said who it is was answered. Beyond a thousand callers further ones are counted together. */
export function principalMetrics(registry: Registry): ServingObserver {
  const requests = new CounterFamily({
    registry,
    name: 'slipway_principal_requests_total',
    help: 'Inference requests answered, by the id of the key or token that they came with.',
    labelNames: ['principal', 'code'],
  });
  const rows = new CounterFamily({
    registry,
    name: 'slipway_principal_rows_total',
    help: 'Rows answered, by the id of the key or token that they came with.',
    labelNames: ['principal'],
  });
  const known = new SeriesBy<string, PrincipalSeries>((principal) => ({
    codes: new SeriesBy((code) => requests.open({ principal, code })),
    rows: rows.open({ principal }),
  }));
  const seen = new Set<string>();
  return {
    requestFinished: ({ principal, code, rows: answered = 0 }) => {
      if (principal === undefined) return;
      if (seen.size < mostPrincipals) seen.add(principal);
      const series = known.of(seen.has(principal) ? principal : others);
      series.codes.of(code).value++;
      series.rows.value += answered;
    },
  };
}
