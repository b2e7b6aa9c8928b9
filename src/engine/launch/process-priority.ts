import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
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
  #isReversible: boolean | undefined;

  lower(pid: number): void {
    this.#isReversible ??= isReversible(this.#lowered, this.#usual);
    if (this.#isReversible) setThreads(pid, this.#lowered);
    if (lowerSession(pid, loaderNiceness)) this.#lowSessions.add(pid);
  }

  restore(pid: number): void {
    if (this.#isReversible === true) setThreads(pid, this.#usual);
    if (this.#lowSessions.delete(pid)) restoreSession(pid, usualSession);
  }
}

/** Tried on a process made for it: an engine that could be lowered but not raised again would be of no use. */
function isReversible(lowered: number, usual: number): boolean {
  if (process.platform !== 'linux') return false;
  const trial = spawn('/bin/sh', ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] });
  trial.on('error', () => {});
  const { pid } = trial;
  const reversible = pid !== undefined && set(pid, lowered) && set(pid, usual);
  trial.kill('SIGKILL');
  return reversible;
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
