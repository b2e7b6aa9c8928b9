import type { Batch, BatchInput, BatchResult, InstanceGroup, RunOptions } from '../core/inference-engine.js';
import type { ServingError } from '../core/serving-error.js';
import type { ModelSignature } from '../core/tensor-spec.js';

/** An instance group that is given the model's own values for the inputs a batch leaves out. */
export function withDefaultInputs(group: InstanceGroup, { inputs }: ModelSignature): InstanceGroup {
  const defaults = inputs.flatMap(({ name, defaultValue }): BatchInput[] => {
    if (defaultValue === undefined) return [];
    const { dataType, shape, data } = defaultValue;
    return [{ name, dataType, shape, parts: [data] }];
  });
  return defaults.length === 0 ? group : new DefaultedGroup(group, defaults);
}

class DefaultedGroup implements InstanceGroup {
  readonly #group: InstanceGroup;
  readonly #defaults: readonly BatchInput[];

  constructor(group: InstanceGroup, defaults: readonly BatchInput[]) {
    this.#group = group;
    this.#defaults = defaults;
  }

  tryRun(batch: Batch, options?: RunOptions): Promise<BatchResult> | undefined {
    const given = new Set(batch.inputs.map(({ name }) => name));
    const missing = this.#defaults.filter(({ name }) => !given.has(name));
    return this.#group.tryRun({ ...batch, inputs: [...batch.inputs, ...missing] }, options);
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
