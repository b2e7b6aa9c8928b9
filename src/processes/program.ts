import { FrameInput, writeFrame } from './frames/blocking-frames.js';
import { leaveKind, wordsOf } from './frames/frames.js';

type Frame = readonly Uint8Array[];

/** What a supervised process does with the frames that it is sent. */
export interface Program {
  /** What to answer. What it throws is answered by `failure`. */
  respond(frame: Uint8Array, kind: number, tenant: number): Frame | Promise<Frame>;
  failure(error: unknown, tenant: number): Frame;
  /** The tenant is gone. */
  leave(tenant: number): void;
}

export interface FrameConnection {
  /** The next frame, or undefined when who asks is gone. May block. */
  readonly next: () => Uint8Array | undefined;
  readonly write: (chunks: Frame) => void;
}

/** The socket to the process that supervises this one, as `spawnProcess` lays it. */
const supervisorFd = 3;

/** Answers frames, one after the other, until there are no more; then ends this process. */
export async function runProgram(program: Program): Promise<never> {
  // When to stop is the supervisor's decision: a signal meant for all processes of a group or a service must not cut work off.
  // At SIGUSR1 Node would open a debugger.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const) process.on(signal, () => {});
  const input = new FrameInput(supervisorFd);
  try {
    await serveFrames(program, { next: () => input.next(), write: (chunks) => writeFrame(supervisorFd, chunks) });
  } catch (error) {
    // The supervisor went away in the middle of a frame.
    if (!['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  process.exit(0);
}

export async function serveFrames(program: Program, { next, write }: FrameConnection): Promise<void> {
  for (let frame = next(); frame !== undefined; frame = next()) {
    const [, kind, tenant] = wordsOf(frame) as unknown as [number, number, number];
    if (kind === leaveKind) {
      program.leave(tenant);
      continue;
    }
    let response: Frame;
    try {
      const coming = program.respond(frame, kind, tenant);
      // What is computed at once takes no detour over the microtasks.
      response = coming instanceof Promise ? await coming : coming;
    } catch (error) {
      response = program.failure(error, tenant);
    }
    write(response);
  }
}
