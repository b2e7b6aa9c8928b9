import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { engineProcesses } from '../../bench/machine/process-times.js';
import { projectRoot } from '../../tools/project-root.js';
import { program } from '../support/program.js';

/** What a server process has allocated since it started, less what was collected. */
export interface HeapReport {
  /** Garbage collections so far; what was allocated between two reports shows only where there was none. */
  readonly collections: number;
  readonly heapBytes: number;
  /** Outside the heap. */
  readonly bufferBytes: number;
}

/** As it is, or after everything was collected that nobody holds. */
export type HeapWish = 'report' | 'report live';

/** System calls of a process so far. */
export interface SystemCalls {
  readonly reads: number;
  readonly writes: number;
}

/** Room for all that a few thousand requests allocate, so that nothing is collected in between. */
const youngGenerationMiB = 256;
const reporter = new URL('./heap-reporter.js', import.meta.url).href;

/** A real server with the shipped models, whose worker process can be asked what it has spent. */
export class MeasuredServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<MeasuredServer> {
    const child = spawn(
      process.execPath,
      [
        `--min-semi-space-size=${youngGenerationMiB}`,
        `--max-semi-space-size=${youngGenerationMiB}`,
        '--expose-gc',
        `--import=${reporter}`,
        program,
        'serve',
        '--host=127.0.0.1',
        '--port=0',
        `--models=${join(projectRoot(), 'models')}`,
        '--poll-interval-ms=0',
      ],
      { env: { PATH: process.env.PATH ?? '' }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    const address = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it served`)));
      let listening = '';
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const { address, msg } = JSON.parse(line) as { address?: string; msg: string };
        listening = address ?? listening;
        // The last line of a start.
        if (msg.startsWith('try: ')) resolve(listening);
      });
    });
    await batchingIsKnown(address);
    return new MeasuredServer(child, Number(new URL(address).port));
  }

  async heap(wish: HeapWish = 'report'): Promise<HeapReport> {
    const report = once(this.#child, 'message');
    this.#child.send(wish);
    return (await report)[0] as HeapReport;
  }

  /** No answers are computed until `resumeEngines`. */
  pauseEngines(): void {
    for (const pid of engineProcesses(this.#child.pid as number)) process.kill(pid, 'SIGSTOP');
  }

  resumeEngines(): void {
    for (const pid of engineProcesses(this.#child.pid as number)) process.kill(pid, 'SIGCONT');
  }

  systemCalls(): SystemCalls {
    const text = readFileSync(`/proc/${this.#child.pid}/io`, 'latin1');
    const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
    return { reads: count('syscr'), writes: count('syscw') };
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

/** What the proofs of the models spend, which go on while they serve, is not a request's. */
async function batchingIsKnown(address: string): Promise<void> {
  const { models } = (await (await fetch(`${address}/v1/models`)).json()) as { models: readonly { name: string }[] };
  for (const { name } of models) {
    for (;;) {
      const answer = await fetch(`${address}/v1/models/${name}/metadata`);
      const { model_info } = (await answer.json()) as { model_info: { batching: { pending?: boolean } } };
      if (model_info.batching.pending !== true) break;
      await after(10);
    }
  }
}
