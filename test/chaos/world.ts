import type { Caller } from '../support/caller.js';
import type { ModelFolder } from '../support/model-folder.js';
import type { Random } from '../support/random.js';
import type { ServerProcess } from '../support/server-process.js';

/** What faults work on, and where they note what they did and what they got. */
export interface World {
  readonly server: ServerProcess;
  readonly folder: ModelFolder;
  /** The link by which the server sees the folder. */
  readonly entrance: string;
  readonly caller: Caller;
  readonly random: Random;
  /** How often each fault was injected. */
  readonly events: Map<string, number>;
  /** What the server should have done otherwise, a line each. */
  readonly findings: string[];
}

/** Makes the server's life hard until the signal aborts; leaves nothing of it behind. */
export type Fault = (world: World, signal: AbortSignal) => Promise<void>;

export function note({ events }: World, event: string, times = 1): void {
  events.set(event, (events.get(event) ?? 0) + times);
}
