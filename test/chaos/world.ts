import type { ModelFolder } from '../end-to-end/model-folder.js';
import type { ServerProcess } from '../end-to-end/server-process.js';
import type { Caller } from './caller.js';
import type { Random } from './random.js';

/** What torments work on, and where they note what they did and what they got. */
export interface World {
  readonly server: ServerProcess;
  readonly folder: ModelFolder;
  readonly caller: Caller;
  readonly random: Random;
  /** How often each torment was inflicted. */
  readonly deeds: Map<string, number>;
  /** What the server should have done otherwise, a line each. */
  readonly findings: string[];
}

/** Makes the server's life hard until the signal aborts; leaves nothing of it behind. */
export type Torment = (world: World, signal: AbortSignal) => Promise<void>;

export function did({ deeds }: World, deed: string, times = 1): void {
  deeds.set(deed, (deeds.get(deed) ?? 0) + times);
}
