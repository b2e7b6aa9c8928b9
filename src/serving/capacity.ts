import type { InstanceGroup } from '../core/inference-engine.js';

/** Resolves when a run may start; rejects when the engine gives the model up. */
export async function capacity(group: InstanceGroup): Promise<void> {
  while (!group.hasCapacity) {
    await new Promise<void>((resolve, reject) => {
      group.onCapacity(resolve);
      group.onFailed(reject);
    });
  }
}
