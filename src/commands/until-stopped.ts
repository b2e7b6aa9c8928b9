import { constants } from 'node:os';
import { ServingError } from '../core/serving-error.js';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs a command that ends by itself, aborting its signal when the process is asked to stop; what it then cleans up
 * is waited for. Resolves with its exit code, or the one that a shell gives for the signal.
 */
export async function untilStopped(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  let stoppedBy: (typeof signals)[number] | undefined;
  const stop = (name: NodeJS.Signals): void => {
    stoppedBy ??= name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    stopping.abort();
  };
  for (const name of signals) process.once(name, stop);
  try {
    return await command(stopping.signal);
  } catch (error) {
    if (stoppedBy === undefined || !(error instanceof ServingError && error.code === 'CANCELED')) throw error;
    return 128 + constants.signals[stoppedBy];
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
