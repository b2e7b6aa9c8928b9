import type { Batch, BatchInput, BatchResult, InstanceGroup, RunOptions } from '../core/inference-engine.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { WrappedGroup } from './wrapped-group.js';

/** An instance group that is given the model's own values for the inputs a batch leaves out. */
export function withDefaultInputs(group: InstanceGroup, { inputs }: ModelSignature): InstanceGroup {
  const defaults = inputs.flatMap(({ name, defaultValue }): BatchInput[] => {
    if (defaultValue === undefined) return [];
    const { dataType, shape, data } = defaultValue;
    return [{ name, dataType, shape, parts: [data] }];
  });
  return defaults.length === 0 ? group : new DefaultedGroup(group, defaults);
}

class DefaultedGroup extends WrappedGroup {
  readonly #defaults: readonly BatchInput[];

  constructor(group: InstanceGroup, defaults: readonly BatchInput[]) {
    super(group);
    this.#defaults = defaults;
  }

  override tryRun(batch: Batch, options?: RunOptions): Promise<BatchResult> | undefined {
    const given = new Set(batch.inputs.map(({ name }) => name));
    const missing = this.#defaults.filter(({ name }) => !given.has(name));
    return super.tryRun({ ...batch, inputs: [...batch.inputs, ...missing] }, options);
  }
}
