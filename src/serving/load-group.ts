import { EngineFailure, type InferenceEngine, type InstanceGroup, type LoadRequest } from '../core/inference-engine.js';

/** Kills from outside that a load is repeated after; more may be the model's doing, by the memory it takes. */
const killsForgiven = 2;

/** Loads the model, again where its engine process was killed meanwhile. Rejects with a ServingError. */
export async function loadGroup(engine: Pick<InferenceEngine, 'load'>, request: LoadRequest): Promise<InstanceGroup> {
  for (let kills = 0; ; ) {
    try {
      return await engine.load(request);
    } catch (error) {
      const { cause } = error as Error;
      if (!(cause instanceof EngineFailure && cause.wasKilled) || ++kills > killsForgiven) throw error;
    }
  }
}
