/** How often it is told that connections are rejected. */
const repeatMs = 60_000;

export interface CrowdedOutOptions {
  /** Connections that one process may hold. */
  readonly limit: number;
  readonly warn: (message: string) => void;
  readonly now?: () => number;
}

/** Tells that connections are rejected for lack of file descriptors, at most once a minute, and how many were. */
export class CrowdedOut {
  readonly #options: CrowdedOutOptions;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(options: CrowdedOutOptions) {
    this.#options = options;
  }

  /** One more was. */
  note(): void {
    const { limit, warn, now = () => performance.now() } = this.#options;
    this.#untold++;
    const nowMs = now();
    if (nowMs - this.#toldAtMs < repeatMs) return;
    warn(
      `connections are rejected (${this.#untold}): ${limit} are open, as many as the limit on open files allows beside the engines; raise it (ulimit -n, LimitNOFILE, --ulimit nofile)`,
    );
    this.#toldAtMs = nowMs;
    this.#untold = 0;
  }
}
