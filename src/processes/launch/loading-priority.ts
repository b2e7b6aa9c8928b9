import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { Launcher } from './launcher.js';

/** So much nicer than the worker: a third of the weight. It leaves most to what serves, and gets on beside a flood. */
const loaderNiceness = 5;
const nicest = 19;

/** Unprivileged, the kernel takes ten changes a second from all of the system's processes together. */
const tryAgainMs = 120;
const mostTries = 100;

/** A session that nobody made nicer. */
const usualNiceness = 0;

/**
 * Loading is heavy and has time: it runs at a lower priority than the processes that serve, that of its process and
 * that of its session. Where the system would not let the process's be raised again (that takes CAP_SYS_NICE, or a
 * `nice` limit of 20), it is never lowered.
 */
export class LoadingPriority {
  readonly #usual = getPriority();
  readonly #lowered = Math.min(nicest, this.#usual + loaderNiceness);
  readonly #lowAutogroups = new Set<number>();
  readonly #launcher: Pick<Launcher, 'launch'>;
  #isReversible: Promise<boolean> | undefined;
  #isKnownReversible = false;

  constructor(launcher: Pick<Launcher, 'launch'>) {
    this.#launcher = launcher;
  }

  /** `restore` has to wait for it. */
  async lower(pid: number): Promise<void> {
    this.#isReversible ??= this.#tryOut();
    this.#isKnownReversible = await this.#isReversible;
    if (this.#isKnownReversible) setThreads(pid, this.#lowered);
    if (lowerAutogroup(pid, loaderNiceness)) this.#lowAutogroups.add(pid);
  }

  restore(pid: number): void {
    if (this.#isKnownReversible) setThreads(pid, this.#usual);
    if (this.#lowAutogroups.delete(pid)) restoreAutogroup(pid, usualNiceness);
  }

  /** On a process made for it: one that could be lowered but not raised again would be of no use. */
  async #tryOut(): Promise<boolean> {
    if (process.platform !== 'linux') return false;
    const trial = await this.#launcher.launch(['/bin/sh', '-c', 'read line <&3']);
    const { pid } = trial;
    const isReversible = pid !== undefined && set(pid, this.#lowered) && set(pid, this.#usual);
    trial.socket?.destroy();
    trial.kill();
    return isReversible;
  }
}

/** Linux keeps a priority for each thread; those that were started meanwhile inherited it. */
function setThreads(pid: number, niceness: number): void {
  for (const thread of threadsOf(pid)) set(Number(thread), niceness);
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** False when it is not allowed, or the process or thread has ended. */
function set(pid: number, niceness: number): boolean {
  try {
    setPriority(pid, niceness);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where Linux shares processor time among sessions first (`kernel.sched_autogroup_enabled`, outside of containers),
 * niceness counts within a session only. A process that was launched has a session of its own, whose niceness anyone may raise
 * and take back. False where there is no such thing.
 */
function lowerAutogroup(pid: number, niceness: number): boolean {
  return hasOwnAutogroup(pid) && write(pid, niceness) === undefined;
}

/** Tries until the kernel takes it, or the process has ended. */
function restoreAutogroup(pid: number, niceness: number, triesLeft = mostTries): void {
  if (write(pid, niceness) !== 'EAGAIN' || triesLeft === 0) return;
  setTimeout(() => restoreAutogroup(pid, niceness, triesLeft - 1), tryAgainMs).unref();
}

function hasOwnAutogroup(pid: number): boolean {
  const own = autogroupOf('self');
  return own !== undefined && autogroupOf(pid) !== own;
}

/** The kernel's name for it. */
function autogroupOf(pid: number | 'self'): string | undefined {
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
