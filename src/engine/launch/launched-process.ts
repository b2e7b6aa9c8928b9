import type { Duplex } from 'node:stream';
import type { ProcessExit } from '../process-exit.js';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** An engine process that was started, here or by the starter. */
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
