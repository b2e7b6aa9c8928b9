import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { LastWords, type ProcessExit } from '../process-exit.js';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** A process that was started, by this one or by the fork server. */
export interface LaunchedProcess {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
  /** For frames, both ways. Absent when it could not be started. */
  readonly socket: Duplex | undefined;
  /** Resolves when the process has ended; what it wrote into the socket may still be unread. */
  readonly exit: Promise<ProcessExit>;
  /** With SIGKILL. */
  kill(): void;
}

/** Starts a process as a child of this one; its socket is its file descriptor 3. */
export function spawnProcess([file, ...args]: Command, env: Readonly<Record<string, string>>): LaunchedProcess {
  // A session of its own keeps the terminal's signals away.
  const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const lastWords = new LastWords();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => lastWords.push(text));
  // Whatever breaks, `close` follows.
  child.stderr?.on('error', () => {});
  child.stdio[3]?.on('error', () => {});
  const exit = new Promise<ProcessExit>((resolve) => {
    const ended = (cause: string): void => resolve({ cause, lastWords: lastWords.summary() });
    child.on('error', (error) => ended(`not started: ${error.message}`));
    // `close` comes when the process has ended and everything it wrote has been read.
    child.once('close', (code, signal) => ended(signal ?? `exit code ${code}`));
  });
  const socket = child.pid === undefined ? undefined : (child.stdio[3] as Duplex);
  return { pid: child.pid, socket, exit, kill: () => void child.kill('SIGKILL') };
}
