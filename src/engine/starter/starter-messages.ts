import type { Command } from '../launch/launched-process.js';
import type { ProcessExit } from '../process-exit.js';

/** What the front tells the starter. Processes are named by numbers that the front gives. */
export type ToStarter =
  | { readonly kind: 'start'; readonly number: number; readonly command: Command }
  | { readonly kind: 'kill'; readonly number: number };

/**
 * What the starter tells the front. The socket comes along with `started`, if the process could be started; with
 * `handed` the starter has let go of it, and only then may it be used.
 */
export type FromStarter =
  | { readonly kind: 'started'; readonly number: number; readonly pid?: number | undefined }
  | { readonly kind: 'handed'; readonly number: number }
  | { readonly kind: 'ended'; readonly number: number; readonly exit: ProcessExit };
