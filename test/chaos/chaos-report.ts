import type { LogLine } from '../end-to-end/server-process.js';
import type { Books } from './books.js';
import type { FrontSample } from './front-watch.js';
import type { GoodTally } from './good-client.js';
import type { MetricsPage } from './metrics-page.js';
import type { QuietState } from './quiet-state.js';

export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  /** Good callers, by what they asked. */
  readonly good: ReadonlyMap<string, GoodTally>;
  readonly deeds: ReadonlyMap<string, number>;
  /** What the server should have done otherwise, a line each. */
  readonly findings: readonly string[];
  readonly books: Books;
  /** The metrics once everything was answered. */
  readonly page: MetricsPage;
  readonly before: QuietState;
  readonly after: QuietState;
  readonly samples: readonly FrontSample[];
  readonly exitCode: number | null;
  /** Engine processes that outlived the server. */
  readonly orphans: readonly number[];
  /** Lines of the server's log that should not be there. */
  readonly unforeseen: readonly LogLine[];
}
