import type { Duplex } from 'node:stream';
import { FrameAssembler } from './frames/frames.js';
import type { LaunchedProcess } from './launch/spawn-process.js';
import type { ProcessExit } from './process-exit.js';

export interface FramedProcessOptions {
  readonly launch: Promise<LaunchedProcess>;
  readonly onFrame: (frame: Uint8Array) => void;
  /** Called once, after the last frame. */
  readonly onExit: (exit: ProcessExit) => void;
}

/** How long a process that was asked to end may take before it is killed. */
const endGraceMs = 2000;

/** One process and the socket of frames to it. What it is told before it runs is done as soon as it does. */
export class FramedProcess {
  /** Resolves with the process's id once it was started, with 0 when it could not be. */
  readonly started: Promise<number>;
  readonly #options: FramedProcessOptions;
  #process: LaunchedProcess | undefined;
  #unsent: Uint8Array[] = [];
  #isKilled = false;
  #isEnding = false;
  #endTimer: NodeJS.Timeout | undefined;
  #complaint = '';

  constructor(options: FramedProcessOptions) {
    this.#options = options;
    this.started = this.#begin();
  }

  /** 0 before it was started, and when it could not be. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** The chunks must stay as they are until the process has answered. */
  send(chunks: readonly Uint8Array[]): void {
    if (this.#process === undefined) {
      if (!this.#isEnding) this.#unsent.push(...chunks);
      return;
    }
    const { socket } = this.#process;
    if (socket === undefined || !socket.writable) return;
    if (chunks.length > 1) socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    if (chunks.length > 1) socket.uncork();
  }

  kill(): void {
    this.#isKilled = true;
    this.#process?.kill();
  }

  /** Lets the process answer what it was sent, then end by itself. */
  end(): void {
    this.#isEnding = true;
    this.#process?.socket?.end();
    this.#endTimer ??= setTimeout(() => this.kill(), endGraceMs);
  }

  async #begin(): Promise<number> {
    const launched = await this.#options.launch;
    this.#process = launched;
    const { socket, exit } = launched;
    void this.#follow(exit, socket === undefined ? undefined : this.#readFrames(socket));
    this.send(this.#unsent);
    this.#unsent = [];
    if (this.#isEnding) socket?.end();
    if (this.#isKilled) launched.kill();
    return this.pid;
  }

  /** Resolves when everything was read. */
  #readFrames(socket: Duplex): Promise<void> {
    const frames = new FrameAssembler(this.#options.onFrame);
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (error) {
        this.#complaint = (error as Error).message;
        this.kill();
      }
    });
    // A broken socket means an ended process, whose exit says why.
    socket.on('error', () => this.kill());
    return new Promise((resolve) => {
      const end = (): void => {
        frames.end();
        resolve();
      };
      if (socket.closed) end();
      else socket.once('close', end);
    });
  }

  async #follow(exit: Promise<ProcessExit>, read: Promise<void> | undefined): Promise<void> {
    const [{ cause, lastWords }] = await Promise.all([exit, read]);
    clearTimeout(this.#endTimer);
    this.#options.onExit({ cause, lastWords: [lastWords, this.#complaint].filter(Boolean).join('; ') });
  }
}
