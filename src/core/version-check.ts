import type { ModelConfig } from './model-config.js';
import type { FoundVersion } from './model-source.js';
import type { Servable } from './servable.js';

/** A version that is loaded, and that nobody is served by so far. */
export interface LoadedVersion {
  readonly found: FoundVersion;
  readonly config: ModelConfig;
  /** What is asked of it is no request: nothing counts it. */
  readonly servable: Servable;
  /** Rows that may wait together. */
  readonly maxQueueRows: number;
  /** Resolves when it is found out how requests may share runs. */
  proven(): Promise<void>;
}

/** Asked before a version is given out: rejects with a ServingError that says why it must not serve. */
export type VersionCheck = (version: LoadedVersion) => Promise<void>;
