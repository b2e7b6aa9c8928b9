/** Each asks the server to stop. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * A terminal signals every process of its foreground, and npm passes on to its script what it gets: what comes again so
 * soon is the same wish.
 */
const sameWishMs = 1000;

export interface StopSignalOptions {
  readonly beforeKill?: () => void;
  readonly now?: () => number;
  /** Whether the end of the process that started this one asks to stop, too. Default: where that is npm. */
  readonly endsWithParent?: boolean;
}

/** How often it is looked whether the parent is still there. */
const parentPollMs = 1000;

/**
 * The first SIGTERM, SIGINT, SIGHUP or SIGQUIT asks to stop; a later one does not wait, after `beforeKill`. A hangup never
 * hurries. npm passes on only some signals and ends of the others: its end is a hangup. SIGUSR1, with which Node opens a debugger to whoever can reach it, does nothing.
 */
export function stopSignal({
  beforeKill = () => undefined,
  now = () => performance.now(),
  endsWithParent = process.env.npm_lifecycle_event !== undefined,
}: StopSignalOptions = {}): Promise<NodeJS.Signals> {
  process.on('SIGUSR1', () => undefined);
  return new Promise((resolve) => {
    let askedAtMs: number | undefined;
    const heard = (signal: NodeJS.Signals): void => {
      if (askedAtMs === undefined) {
        askedAtMs = now();
        resolve(signal);
      } else if (signal !== 'SIGHUP' && now() - askedAtMs >= sameWishMs) {
        beforeKill();
        // Not process.exit(): it would wait for whoever reads the log. The engine processes end by themselves.
        process.kill(process.pid, 'SIGKILL');
      }
    };
    for (const signal of stopSignals) process.on(signal, heard);
    if (endsWithParent) whenParentEnds(() => heard('SIGHUP'));
  });
}

function whenParentEnds(heard: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    heard();
  }, parentPollMs).unref();
}
