import type { EngineFiles } from '../../core/engine-files.js';

/** What a load frame asks for. */
export interface LoadOrder extends EngineFiles {
  readonly threads: number;
}

/** What the engine process answers once the model is loaded. */
export interface LoadedModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}
