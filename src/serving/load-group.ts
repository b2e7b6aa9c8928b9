import type { InferenceEngine, InstanceGroup, LoadRequest } from '../core/inference-engine.js';
import { ProcessFailure } from '../core/process-failure.js';
import { ServingError } from '../core/serving-error.js';

/**
 * Before each repetition of a load that was killed from outside: the system may be short of memory for a moment. After
 * the last one it is more likely the model that takes too much.
 */
const pausesMs = [0, 100, 400, 1600] as const;

export interface LoadOutcome {
  readonly group: InstanceGroup;
  /** What the load failed with as long as the engine optimized the graph; absent where it does. */
  readonly crash?: ServingError;
}

/**
 * Loads the model, again where its engine process ended meanwhile: alone, if others were in it, whose doing it may have been;
 * after a pause, if it was killed from outside; without graph optimization, if the model itself ended it. Rejects with a
 * ServingError.
 */
export async function loadGroup(engine: Pick<InferenceEngine, 'load'>, request: LoadRequest): Promise<LoadOutcome> {
  let current = request;
  let crash: ServingError | undefined;
  for (let kills = 0; ; ) {
    try {
      const group = await engine.load(current);
      return { group, ...(crash !== undefined && { crash }) };
    } catch (error) {
      if (crash !== undefined) throw unoptimizedEither(crash);
      const failure = crashOf(error);
      if (failure === undefined) throw error;
      const isOthersDoing = current.shareable === true && !failure.wasRunning;
      if (failure.wasKilled && !isOthersDoing) {
        const pauseMs = pausesMs[kills++];
        if (pauseMs === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      } else if (current.shareable === true) {
        current = { ...current, shareable: false };
      } else {
        crash = error as ServingError;
        current = { ...current, isOptimized: false };
      }
    }
  }
}

/** How the process ended; undefined where it refused the model, took too long, or was told to end. */
function crashOf(error: unknown): ProcessFailure | undefined {
  const { cause } = error as Error;
  return cause instanceof ProcessFailure && (cause.kind === 'CRASHED' || cause.wasKilled) ? cause : undefined;
}

const unoptimizedEither = (crash: ServingError): ServingError =>
  new ServingError(crash.code, `${crash.message}; without graph optimization it does not serve either`, {
    cause: crash.cause,
  });

/** What the model's users are told where it serves although its load crashed; and what it failed with where it does not. */
export const rescue = {
  note: ({ message }: ServingError): string =>
    `its graph is not optimized, which may make it slower: with optimization ${message}`,
  failure: unoptimizedEither,
} as const;
