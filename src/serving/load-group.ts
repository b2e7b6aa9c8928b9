import { EngineFailure, type InferenceEngine, type InstanceGroup, type LoadRequest } from '../core/inference-engine.js';

/**
 * Before each repetition of a load that was killed from outside: the system may be short of memory for a moment. After
 * the last one it is more likely the model that takes too much.
 */
const pausesMs = [0, 100, 400, 1600] as const;

/** Loads the model, again where its engine process was killed meanwhile. Rejects with a ServingError. */
export async function loadGroup(engine: Pick<InferenceEngine, 'load'>, request: LoadRequest): Promise<InstanceGroup> {
  for (let kills = 0; ; kills++) {
    try {
      return await engine.load(request);
    } catch (error) {
      const { cause } = error as Error;
      const pauseMs = pausesMs[kills];
      if (!(cause instanceof EngineFailure && cause.wasKilled) || pauseMs === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
