import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { FrameAssembler } from './frames/frame-assembler.js';
import type { ProcessExit } from './process-exit.js';
import { TextTail } from './text-tail.js';

export interface EngineChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly onFrame: (frame: Uint8Array) => void;
  /** Called once, after the last frame. */
  readonly onExit: (exit: ProcessExit) => void;
}

/** How long a process that was asked to end may take before it is killed. */
const endGraceMs = 2000;

/** One child process and the socket of frames to it. */
export class EngineChild {
  readonly #child: ChildProcess;
  readonly #socket: Duplex | undefined;
  readonly #stderr = new TextTail();
  #onExit: ((exit: ProcessExit) => void) | undefined;
  #endTimer: NodeJS.Timeout | undefined;

  constructor({ command: [file, ...args], env, onFrame, onExit }: EngineChildOptions) {
    this.#onExit = onExit;
    // A session of its own keeps the terminal's signals away.
    this.#child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.#child.once('error', (error) => this.#exited(`not started: ${error.message}`));
    // `close` comes when the process has ended and everything it wrote has been read.
    this.#child.once('close', (code, signal) => this.#exited(signal ?? `exit code ${code}`));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#stderr.push(text));
    this.#socket = this.#child.stdio[3] as Duplex | undefined;
    this.#readFrames(onFrame);
  }

  /** Absent when the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The chunks must stay as they are until the engine has answered. */
  send(chunks: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (socket === undefined || !socket.writable) return;
    if (chunks.length > 1) socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    if (chunks.length > 1) socket.uncork();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Lets the process answer what it was sent, then end by itself. */
  end(): void {
    this.#socket?.end();
    this.#endTimer ??= setTimeout(() => this.kill(), endGraceMs);
  }

  #readFrames(onFrame: (frame: Uint8Array) => void): void {
    const frames = new FrameAssembler(onFrame);
    this.#socket?.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (error) {
        this.#stderr.push(`\n${(error as Error).message}`);
        this.kill();
      }
    });
    // A broken socket means an ended process; `close` says why it ended.
    this.#socket?.on('error', () => this.kill());
  }

  #exited(cause: string): void {
    clearTimeout(this.#endTimer);
    this.#onExit?.({ cause, lastWords: this.#stderr.summary() });
    this.#onExit = undefined;
  }
}
