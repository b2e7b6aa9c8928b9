import { readFileSync, writeFileSync } from 'node:fs';

/** Unprivileged, the kernel takes ten changes a second from all of the system's processes together. */
const tryAgainMs = 120;
const mostTries = 100;

/**
 * Where Linux shares processor time among sessions first (`kernel.sched_autogroup_enabled`, outside of containers),
 * niceness counts within a session only. An engine process has a session of its own, whose niceness anyone may raise
 * and take back. False where there is no such thing.
 */
export function lowerSession(pid: number, niceness: number): boolean {
  return hasOwnSession(pid) && write(pid, niceness) === undefined;
}

/** Tries until the kernel takes it, or the process has ended. */
export function restoreSession(pid: number, niceness: number, triesLeft = mostTries): void {
  if (write(pid, niceness) !== 'EAGAIN' || triesLeft === 0) return;
  setTimeout(() => restoreSession(pid, niceness, triesLeft - 1), tryAgainMs).unref();
}

function hasOwnSession(pid: number): boolean {
  const own = sessionOf('self');
  return own !== undefined && sessionOf(pid) !== own;
}

/** The kernel's name for it. */
function sessionOf(pid: number | 'self'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, 'latin1').split(' ')[0];
  } catch {
    return undefined;
  }
}

/** The code of the error, if it failed. */
function write(pid: number, niceness: number): string | undefined {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
