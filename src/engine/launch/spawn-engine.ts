import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { ProcessExit } from '../process-exit.js';
import { TextTail } from '../text-tail.js';
import type { Command, LaunchedProcess } from './launched-process.js';

/** Starts a process as a child of this one; its socket is its file descriptor 3. */
export function spawnEngine([file, ...args]: Command, env: Readonly<Record<string, string>>): LaunchedProcess {
  // A session of its own keeps the terminal's signals away.
  const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const lastWords = new TextTail();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => lastWords.push(text));
  const exit = new Promise<ProcessExit>((resolve) => {
    const ended = (cause: string): void => resolve({ cause, lastWords: lastWords.summary() });
    child.once('error', (error) => ended(`not started: ${error.message}`));
    // `close` comes when the process has ended and everything it wrote has been read.
    child.once('close', (code, signal) => ended(signal ?? `exit code ${code}`));
  });
  const socket = child.pid === undefined ? undefined : (child.stdio[3] as Duplex);
  return { pid: child.pid, socket, exit, kill: () => void child.kill('SIGKILL') };
}
