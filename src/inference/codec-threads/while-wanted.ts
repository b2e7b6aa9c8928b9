import type { CallerSignal } from '../../core/inference.js';
import { ServingError } from '../../core/serving-error.js';

/** How long an outcome is of use to anybody. */
export interface Interest {
  /** Aborted when the caller is gone. */
  readonly signal: CallerSignal;
  /** `performance.now()` after which it is worthless. */
  readonly deadlineMs: number | undefined;
}

/** The longest time that Node's timers can wait. */
const longestMs = 2 ** 31 - 1;

/** As `outcome`; rejects with CANCELED or DEADLINE_EXCEEDED, and calls `onUnwanted`, should it no longer be wanted before. */
export function whileWanted<T>(outcome: Promise<T>, interest: Interest, onUnwanted: () => void): Promise<T> {
  const { signal, deadlineMs = Number.POSITIVE_INFINITY } = interest;
  return new Promise((resolve, reject) => {
    const giveUp = (error: ServingError): void => {
      reject(error);
      onUnwanted();
    };
    const onAbort = (): void => giveUp(new ServingError('CANCELED', 'the caller went away'));
    const onExpiry = (): void =>
      giveUp(new ServingError('DEADLINE_EXCEEDED', 'the deadline passed before the answer was computed'));
    const leftMs = deadlineMs - performance.now();
    const timer = leftMs > longestMs ? undefined : setTimeout(onExpiry, Math.max(0, leftMs));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    outcome.finally(end).then(resolve, reject);
  });
}
