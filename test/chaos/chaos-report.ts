import type { GoodTally } from '../support/good-client.js';
import type { Ledger } from '../support/ledger.js';
import type { MetricsPage } from '../support/metrics-page.js';
import type { QuietState } from '../support/quiet-state.js';
import type { LogLine } from '../support/server-process.js';
import type { WorkerSample } from './worker-watch.js';

export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  /** Good callers, by what they asked. */
  readonly good: ReadonlyMap<string, GoodTally>;
  readonly events: ReadonlyMap<string, number>;
  /** What the server should have done otherwise, a line each. */
  readonly findings: readonly string[];
  readonly ledger: Ledger;
  /** The counters of requests over the whole run, once everything was answered. */
  readonly page: MetricsPage;
  readonly before: QuietState;
  readonly after: QuietState;
  readonly samples: readonly WorkerSample[];
  readonly exitCode: number | null;
  /** Engine processes that outlived the server. */
  readonly orphans: readonly number[];
  /** Lines of the server's log that should not be there. */
  readonly unforeseen: readonly LogLine[];
}
