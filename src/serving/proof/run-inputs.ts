import type { BatchResult, InstanceGroup } from '../../core/inference-engine.js';
import { ProcessFailure } from '../../core/process-failure.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { asBatch } from '../../scheduling/batch-run.js';

/** Runs the model on these inputs, and gives all its outputs. */
export type RunInputs = (inputs: readonly NamedTensor[]) => Promise<BatchResult>;

/** Kills from outside that a run is repeated after; more may be its own doing, by the memory it takes. */
const killsForgiven = 3;

/** Repeats a run whose process was killed from outside. */
export async function despiteKills(run: () => Promise<BatchResult>): Promise<BatchResult> {
  for (let kills = 0; ; ) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ProcessFailure && error.wasKilled) || ++kills > killsForgiven) throw error;
    }
  }
}

/** Runs on a group that nothing else uses yet. Waits for an instance where the last run ended its process. */
export function runsOn(
  group: InstanceGroup,
  { outputs }: Pick<ModelSignature, 'outputs'>,
  timeoutMs: number,
): RunInputs {
  const names = outputs.map(({ name }) => name);
  return (inputs) =>
    despiteKills(async () => {
      const batch = asBatch(inputs, names);
      for (;;) {
        const result = group.tryRun(batch, { timeoutMs });
        if (result !== undefined) return await result;
        await capacity(group);
      }
    });
}

/** Resolves when a run may start; rejects when the engine gives the model up. */
export async function capacity(group: InstanceGroup): Promise<void> {
  while (!group.hasCapacity) {
    await new Promise<void>((resolve, reject) => {
      group.onCapacity(resolve);
      group.onFailed(reject);
    });
  }
}
