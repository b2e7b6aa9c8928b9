import type { ExternalTarget } from '../contenders/external-target.js';
import type { LoadGenerator } from '../load/load-generator.js';
import type { CorePlan } from '../machine/cores.js';
import type { ModelName } from '../recipes/make-models.js';

/** What every section is given. */
export interface BenchContext {
  readonly cores: CorePlan;
  /** On the core beside the server's, where there are two. */
  readonly generator: LoadGenerator;
  readonly rounds: number;
  /** Fewer workloads, shorter stretches: for a look, not for the record. */
  readonly quick: boolean;
  readonly workloads: readonly ModelName[];
  readonly targets: readonly ExternalTarget[];
  /** Tells the person who waits. */
  readonly say: (text: string) => void;
}
