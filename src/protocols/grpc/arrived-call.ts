import type { Metadata } from '@grpc/grpc-js';
import type { RequestIds } from '../call-headers.js';

/** What grpc-js knows of a call, of whichever kind. */
export interface CallSource {
  readonly metadata: Metadata;
  getPath(): string;
  getPeer(): string;
  getHost(): string;
  getDeadline(): Date | number;
}

/** What a call says of itself before its message. */
export class ArrivedCall {
  readonly requestId: string;
  /** The metadata's texts, by their names in lower case, and `host`. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly #source: CallSource;

  constructor(source: CallSource, ids: RequestIds) {
    this.#source = source;
    // Of a name that comes several times the first counts.
    const headers = source.metadata.getMap() as Record<string, string | undefined>;
    headers.host = source.getHost();
    this.headers = headers;
    this.requestId = ids.of({ headers });
  }

  /** Of the method that is called. */
  get path(): string {
    return this.#source.getPath();
  }

  /** Of the socket. */
  get peerAddress(): string {
    return this.#source.getPeer().replace(/:\d+$/, '');
  }

  /** Whether its deadline has passed. */
  get isOverdue(): boolean {
    return Number(this.#source.getDeadline()) <= Date.now();
  }

  /** Until the caller's deadline, from now on; undefined where there is none. */
  get timeLeftMs(): number | undefined {
    const deadline = Number(this.#source.getDeadline());
    if (deadline === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(deadline - Date.now(), shortestMs);
  }
}

/** What is over already is no call without a deadline. */
const shortestMs = 0.001;
