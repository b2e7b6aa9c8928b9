import type { Batch, BatchResult, InstanceGroup, RunOptions } from '../core/inference-engine.js';
import type { ServingError } from '../core/serving-error.js';

/** An instance group whose runs somebody changes; everything else is as it is. */
export class WrappedGroup implements InstanceGroup {
  readonly #group: InstanceGroup;

  constructor(group: InstanceGroup) {
    this.#group = group;
  }

  tryRun(batch: Batch, options?: RunOptions): Promise<BatchResult> | undefined {
    return this.#group.tryRun(batch, options);
  }

  get inputNames(): readonly string[] {
    return this.#group.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#group.outputNames;
  }

  get hasCapacity(): boolean {
    return this.#group.hasCapacity;
  }

  get idleInstances(): number {
    return this.#group.idleInstances;
  }

  get instanceCount(): number {
    return this.#group.instanceCount;
  }

  onCapacity(listener: () => void): void {
    this.#group.onCapacity(listener);
  }

  onFailed(listener: (reason: ServingError) => void): void {
    this.#group.onFailed(listener);
  }

  resize(count: number): Promise<void> {
    return this.#group.resize(count);
  }

  close(): Promise<void> {
    return this.#group.close();
  }
}
