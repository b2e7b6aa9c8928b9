import { setTimeout as after } from 'node:timers/promises';

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  after(ms, undefined, { signal }).catch(() => {});
