import type { Http2Session, ServerHttp2Stream } from 'node:http2';

/** A caller that answers no ping gets ten of them. */
const lookEveryMs = 2000;
/** A connection that takes nothing for so many looks, not even a ping, takes nothing any more. */
const mostLooks = 2;

/** What a connection had taken when it was looked at. */
interface Sent {
  readonly bytesWritten: number;
  /** Since it took something. */
  readonly looks: number;
}

/** Calls of methods that have begun and not ended. */
export class OpenCalls {
  readonly #streams = new Set<ServerHttp2Stream>();
  #whenNone: (() => void) | undefined;

  /** It ends with its stream: grpc-js does not tell of each that it has. */
  begin(stream: ServerHttp2Stream): void {
    if (stream.destroyed) return;
    this.#streams.add(stream);
    stream.once('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#whenNone?.();
    });
  }

  /** Resolves once there is none. */
  async ended(): Promise<void> {
    if (this.#streams.size === 0) return;
    const seen = new WeakMap<Http2Session, Sent>();
    const look = (): void => {
      const sessions = new Set(Array.from(this.#streams, ({ session }) => session));
      for (const session of sessions) if (session?.destroyed === false) endIfBroken(session, seen);
    };
    look();
    const looking = setInterval(look, lookEveryMs);
    await new Promise<void>((resolve) => {
      this.#whenNone = resolve;
    });
    clearInterval(looking);
  }
}

/**
 * On a connection that broke the rules of HTTP/2 Node reads and writes nothing any more, and tells nobody: its calls would
 * stay open. What shows it is that no ping leaves.
 */
function endIfBroken(session: Http2Session, seen: WeakMap<Http2Session, Sent>): void {
  const { bytesWritten } = session.socket;
  const before = seen.get(session);
  const looks = before?.bytesWritten === bytesWritten ? before.looks + 1 : 0;
  if (looks === mostLooks) session.destroy();
  else session.ping(() => undefined);
  seen.set(session, { bytesWritten, looks });
}
