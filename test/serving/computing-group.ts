import type { Batch, BatchResult, InstanceGroup, RunOptions } from '../../src/core/inference-engine.js';
import type { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor, TensorData } from '../../src/core/tensor.js';

export type Compute = (inputs: readonly NamedTensor[]) => readonly NamedTensor[];

const flat = (parts: readonly TensorData[]): TensorData => {
  const [first] = parts;
  if (first === undefined || Array.isArray(first)) return parts.flatMap((part) => part as readonly string[]);
  const values = parts.flatMap((part) => [...(part as Float32Array)]);
  return (first.constructor as Float32ArrayConstructor).from(values);
};

/** One instance that computes a function, at once. */
export class ComputingGroup implements InstanceGroup {
  readonly inputNames = [];
  readonly outputNames = [];
  get hasCapacity(): boolean {
    return true;
  }

  get idleInstances(): number {
    return 1;
  }

  instanceCount = 1;
  runs = 0;
  closed = false;
  /** Length of axis 0 of each run's first input, in their order. */
  readonly sizes: number[] = [];
  /** Of the last run. */
  options: RunOptions = {};
  #onFailed: (reason: ServingError) => void = () => {};
  readonly #compute: Compute;
  readonly #costMs: (rows: number) => number;

  constructor(compute: Compute, costMs: (rows: number) => number = () => 0.01) {
    this.#compute = compute;
    this.#costMs = costMs;
  }

  async tryRun(batch: Batch, options: RunOptions = {}): Promise<BatchResult> {
    this.runs++;
    this.options = options;
    const inputs = batch.inputs.map(({ name, dataType, shape, parts }) => ({
      name,
      dataType,
      shape,
      data: flat(parts),
    }));
    const rows = inputs[0]?.shape[0] ?? 1;
    this.sizes.push(rows);
    return { outputs: this.#compute(inputs), computeMs: this.#costMs(rows) };
  }

  onCapacity(): void {}

  onFailed(listener: (reason: ServingError) => void): void {
    this.#onFailed = listener;
  }

  /** As when the engine gives the model up. */
  fail(reason: ServingError): void {
    this.#onFailed(reason);
  }

  async resize(count: number): Promise<void> {
    this.instanceCount = count;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
