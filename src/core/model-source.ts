import type { EngineFiles } from './engine-files.js';
import type { ModelMetadata, ModelVersionId } from './model.js';
import type { ModelConfig } from './model-config.js';
import type { ModelSignature } from './tensor-spec.js';

/** A version as it lies in the repository. */
export interface FoundVersion {
  readonly id: ModelVersionId;
  /** Absolute path of the model file, inside the repository. */
  readonly modelPath: string;
  /** Changes whenever the version's files do. */
  readonly fingerprint: string;
}

/** A model as it lies in the repository. */
export interface FoundModel {
  readonly name: string;
  readonly config: ModelConfig;
  /** Ascending. */
  readonly versions: readonly FoundVersion[];
  /** Why the model, or its newest `model.json`, cannot be used. */
  readonly problem?: string;
}

/** What the engine is to load for a version, and what clients are told about it. */
export interface PreparedModel {
  readonly signature: ModelSignature;
  readonly metadata: ModelMetadata;
  /** Bytes of the file and of its external data. */
  readonly sizeBytes: number;
  /** Why requests must not share a run, where the graph itself tells: axis 0 of an input means something else. */
  readonly unbatchable?: string;
  /** What was rewritten, a sentence each; empty when the file is loaded as it is. */
  readonly rewrites: readonly string[];
  /** The file itself or copies of it, as they are at the moment. */
  files(): EngineFiles;
  /**
   * Sees to it that engines can be started again even if the user's file is removed or written over, where there is
   * room for that; what `files` tells changes then. Rejects with a ServingError where the file has become another.
   */
  keep(): Promise<void>;
  /** Removes copies that nobody will need again. */
  dispose(): Promise<void>;
}

/** Reads a model file; rejects with a ServingError that says in a sentence why the file cannot be served. */
export type PrepareModel = (modelPath: string, config: ModelConfig) => Promise<PreparedModel>;
