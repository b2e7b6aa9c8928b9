import type { Batch, BatchResult, InstanceGroup, RunOptions } from '../../src/core/inference-engine.js';
import type { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor, TensorData } from '../../src/core/tensor.js';

/** A batch in the puppet's hands, to be finished by the test. */
export interface PuppetRun {
  readonly batch: Batch;
  readonly options: RunOptions;
  /** Answers with outputs; by default input `x` doubled as output `y`. */
  succeed(outputs?: readonly NamedTensor[], computeMs?: number): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** Lets every promise that can move, move. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

export const joined = (parts: readonly TensorData[]): unknown[] => parts.flatMap((part) => [...(part as Float32Array)]);

export function doubled(batch: Batch): NamedTensor[] {
  const input = batch.inputs[0];
  if (input === undefined) return [];
  const data = Float32Array.from(joined(input.parts) as number[], (value) => 2 * value);
  return [{ name: 'y', dataType: 'FP32', shape: input.shape, data }];
}

/** Instances that do what the test says, when it says so. */
export class PuppetGroup implements InstanceGroup {
  readonly inputNames = ['x'];
  readonly outputNames = ['y'];
  readonly runs: PuppetRun[] = [];
  instanceCount: number;
  /** Whether it says that an instance is free before what that answered is read, as engines mostly do. */
  tellsFirst = false;
  #busy = 0;
  #onCapacity: () => void = () => {};
  #onFailed: (reason: ServingError) => void = () => {};

  constructor(instances = 1) {
    this.instanceCount = instances;
  }

  get hasCapacity(): boolean {
    return this.idleInstances > 0;
  }

  get idleInstances(): number {
    return this.instanceCount - this.#busy;
  }

  /** The batch given out last and not finished. */
  get current(): PuppetRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('no batch is running');
    return run;
  }

  tryRun(batch: Batch, options: RunOptions = {}): Promise<BatchResult> | undefined {
    if (this.idleInstances <= 0) return undefined;
    this.#busy++;
    return new Promise((resolve, reject) => {
      const run: PuppetRun = {
        batch,
        options,
        succeed: (outputs = doubled(batch), computeMs = 1) => this.#finish(run, () => resolve({ outputs, computeMs })),
        fail: (error) => this.#finish(run, () => reject(error)),
      };
      this.runs.push(run);
    });
  }

  #finish(run: PuppetRun, answer: () => void): Promise<void> {
    this.runs.splice(this.runs.indexOf(run), 1);
    this.#busy--;
    if (!this.tellsFirst) answer();
    queueMicrotask(() => {
      this.#onCapacity();
      if (this.tellsFirst) answer();
    });
    return settle();
  }

  onCapacity(listener: () => void): void {
    this.#onCapacity = listener;
  }

  onFailed(listener: (reason: ServingError) => void): void {
    this.#onFailed = listener;
  }

  /** Says that an instance may take something again. */
  becomeFree(): void {
    this.#onCapacity();
  }

  giveUp(reason: ServingError): void {
    this.#onFailed(reason);
  }

  async resize(count: number): Promise<void> {
    this.instanceCount = count;
    this.#onCapacity();
  }

  async close(): Promise<void> {}
}
