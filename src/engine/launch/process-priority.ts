import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { Launcher } from './launcher.js';
import { lowerSession, restoreSession } from './session-priority.js';

/** So much nicer than the front: a third of the weight. It leaves most to what serves, and gets on beside a flood. */
const loaderNiceness = 5;
const nicest = 19;

/** A session that nobody made nicer. */
const usualSession = 0;

/**
 * Loading is heavy and has time: it runs at a lower priority than the engines that serve, that of its process and
 * that of its session. Where the system would not let the process's be raised again (that takes CAP_SYS_NICE, or a
 * `nice` limit of 20), it is never lowered.
 */
export class LoaderPriority {
  readonly #usual = getPriority();
  readonly #lowered = Math.min(nicest, this.#usual + loaderNiceness);
  readonly #lowSessions = new Set<number>();
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
    if (lowerSession(pid, loaderNiceness)) this.#lowSessions.add(pid);
  }

  restore(pid: number): void {
    if (this.#isKnownReversible) setThreads(pid, this.#usual);
    if (this.#lowSessions.delete(pid)) restoreSession(pid, usualSession);
  }

  /** On a process made for it: an engine that could be lowered but not raised again would be of no use. */
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
