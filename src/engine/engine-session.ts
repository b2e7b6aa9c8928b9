import type { Batch, BatchResult, RunOptions } from '../core/inference-engine.js';
import { invalidArgument } from '../core/serving-error.js';
import { type ModelFiles, runError } from './engine-message.js';
import type { EngineProcess } from './engine-process.js';
import type { FrameTensor } from './frames/frame-builder.js';
import { frameKind, wordsOf } from './frames/frame-layout.js';
import type { LoadedModel } from './frames/load-order.js';
import { readTensors } from './frames/tensor-reader.js';
import { readText } from './frames/text-frame.js';

/** Only behind runs this short is a second frame sent: behind a longer one it had better wait for an idle instance. */
const shortRunMs = 1;
/** Weight of the latest run in the learned average. */
const learningRate = 0.2;

export interface EngineSessionOptions {
  readonly process: EngineProcess;
  /** Its number in the process. */
  readonly number: number;
  readonly files: ModelFiles;
  readonly model: LoadedModel;
}

/** One model in one engine process. */
export class EngineSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #process: EngineProcess;
  readonly #number: number;
  readonly #files: ModelFiles;
  readonly #inputs: ReadonlyMap<string, number>;
  readonly #outputs: ReadonlyMap<string, number>;
  #averageMs = Number.POSITIVE_INFINITY;
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor({ process, number, files, model }: EngineSessionOptions) {
    this.#process = process;
    this.#number = number;
    this.#files = files;
    this.inputNames = model.inputNames;
    this.outputNames = model.outputNames;
    this.#inputs = positions(model.inputNames);
    this.#outputs = positions(model.outputNames);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it has computed an answer. */
  get isProven(): boolean {
    return this.#averageMs < Number.POSITIVE_INFINITY;
  }

  get isIdle(): boolean {
    return this.#process.isOpen && this.#process.isIdle;
  }

  /** Whether a run can be sent behind the one that its process is at. */
  get canFollow(): boolean {
    return this.#process.isOpen && this.#averageMs < shortRunMs && this.#process.canFollow(shortRunMs);
  }

  /** Rejects with a ServingError when the model refuses the data, with EngineFailure when the process ended. */
  async run(batch: Batch, options: RunOptions = {}): Promise<BatchResult> {
    const tensors = batch.inputs.map(
      ({ name, dataType, shape, parts }): FrameTensor => ({
        index: position('input', this.#inputs, name),
        dataType,
        shape,
        parts,
      }),
    );
    const extraWords = batch.outputs.map((name) => position('output', this.#outputs, name));
    const head = { kind: frameKind.run, session: this.#number, extraWords };
    const chunks = this.#process.nextBuilder().build(head, tensors);
    this.#running++;
    try {
      return await this.#process.request({
        session: this.#number,
        chunks,
        timeoutMs: options.timeoutMs,
        exclusive: options.exclusive === true,
        expectedMs: this.#averageMs,
        read: (frame) => this.#readResult(frame),
      });
    } finally {
      if (--this.#running === 0) this.#onIdle?.();
    }
  }

  /** Resolves when none of its runs is in flight. */
  whenIdle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Runs in flight fail with CLOSED. */
  close(): Promise<void> {
    return this.#process.leave(this.#number);
  }

  #readResult(frame: Uint8Array): BatchResult {
    if (wordsOf(frame)[1] === frameKind.failed) throw runError(readText(frame), this.#files);
    const { extraWords, tensors } = readTensors(frame);
    const [low = 0, high = 0] = extraWords;
    const computeMs = (low + high * 2 ** 32) / 1e6;
    this.#learn(computeMs);
    const outputs = tensors.map(({ index, dataType, shape, data }) => ({
      name: this.outputNames[index] as string,
      dataType,
      shape,
      data,
    }));
    return { outputs, computeMs };
  }

  #learn(computeMs: number): void {
    if (this.isProven) this.#averageMs += learningRate * (computeMs - this.#averageMs);
    else this.#averageMs = computeMs;
  }
}

const positions = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, index) => [name, index]));

function position(role: string, known: ReadonlyMap<string, number>, name: string): number {
  const index = known.get(name);
  if (index === undefined)
    throw invalidArgument(`the model has no ${role} "${name}"; it has ${[...known.keys()].join(', ')}`);
  return index;
}
