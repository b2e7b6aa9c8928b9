import type { ActiveRequest } from './active-request.js';
import { canceled, expired } from './admission.js';

/** Node's timers go off at once when they are set to more, about 24 days: who would wait that long has no deadline. */
const longestTimerMs = 2 ** 31 - 1;

/** Hears where a request was when its caller went away. */
export type OnCanceled = (where: 'queue' | 'flight') => void;

/** Drops the request, wherever it is, when its caller goes away or its time is up. */
export class RequestWatch {
  readonly #active: ActiveRequest;
  readonly #onCanceled: OnCanceled;
  readonly #timer: NodeJS.Timeout | undefined;

  private constructor(active: ActiveRequest, nowMs: number, onCanceled: OnCanceled) {
    const { signal, deadlineMs = Number.POSITIVE_INFINITY } = active.request;
    this.#active = active;
    this.#onCanceled = onCanceled;
    signal?.addEventListener('abort', this);
    const leftMs = deadlineMs - nowMs;
    this.#timer = leftMs > longestTimerMs ? undefined : setTimeout(() => active.fail(expired()), leftMs);
  }

  /** Undefined where there is nothing to look after. */
  static of(active: ActiveRequest, nowMs: number, onCanceled: OnCanceled): RequestWatch | undefined {
    const { signal, deadlineMs } = active.request;
    return signal === undefined && deadlineMs === undefined ? undefined : new RequestWatch(active, nowMs, onCanceled);
  }

  /** The caller has gone. */
  handleEvent(): void {
    const where = this.#active.waitingRows > 0 ? 'queue' : 'flight';
    this.#active.fail(canceled());
    this.#onCanceled(where);
  }

  stop(): void {
    this.#active.request.signal?.removeEventListener('abort', this);
    clearTimeout(this.#timer);
  }
}
