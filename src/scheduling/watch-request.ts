import type { ActiveRequest } from './active-request.js';
import { canceled, expired } from './admission.js';

/** Node's timers go off at once when they are set to more, about 24 days: who would wait that long has no deadline. */
const longestTimerMs = 2 ** 31 - 1;

/** Drops the request, wherever it is, when its caller goes away or its time is up. */
export function watchRequest(
  active: ActiveRequest,
  { nowMs, onCanceled }: { nowMs: number; onCanceled: (where: 'queue' | 'flight') => void },
): void {
  const { signal, deadlineMs } = active.request;
  if (signal === undefined && deadlineMs === undefined) return;
  const onAbort = (): void => {
    const where = active.waitingRows > 0 ? 'queue' : 'flight';
    active.fail(canceled());
    onCanceled(where);
  };
  signal?.addEventListener('abort', onAbort);
  const leftMs = deadlineMs === undefined ? Number.POSITIVE_INFINITY : deadlineMs - nowMs;
  const timer = leftMs > longestTimerMs ? undefined : setTimeout(() => active.fail(expired()), leftMs);
  active.unwatch = () => {
    signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}
