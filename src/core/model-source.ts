import type { EngineFiles } from './engine-files.js';
import type { ModelMetadata, ModelVersionId } from './model.js';
import type { ModelConfig } from './model-config.js';
import type { ModelFolder, TaskFacts } from './task.js';
import type { EngineSignature } from './tensor-spec.js';

/** A file of golden requests, or one tensor of them. */
export interface GoldenFile {
  /** Relative to the model's folder: `golden/rose.json`, `2/test_data_set_0/input_0.pb`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Why it cannot be used, after its name. */
  readonly problem?: string;
}

/** A version as its source has it. */
export interface FoundVersion {
  readonly id: ModelVersionId;
  /** Absolute path of the model file. */
  readonly modelPath: string;
  /** What it has to answer as recorded before it serves, by name; absent where there is nothing. */
  readonly goldenFiles?: readonly GoldenFile[];
  /** Changes whenever the version's files do. */
  readonly fingerprint: string;
}

/** A model as its source has it. */
export interface FoundModel {
  readonly name: string;
  readonly config: ModelConfig;
  /** Ascending. */
  readonly versions: readonly FoundVersion[];
  /** Why the model, or its newest `model.json`, cannot be used. */
  readonly problem?: string;
  /** What of its settings is not honoured, a sentence each. */
  readonly notes?: readonly string[];
}

/**
 * Where models come from, kept current by its owner: a folder, a store that is mirrored, a map. Whoever makes a server can
 * hand it another one.
 */
export interface ModelSource {
  /** For the log: `the models folder /srv/models`. */
  readonly name: string;
  /** By name. A model that did not change is the same object as before. */
  readonly models: ReadonlyMap<string, FoundModel>;
  /** Calls the listener after every change to `models`; it does not throw. */
  onChange(listener: () => void): void;
  /** Resolves once what is there is known, or after `longestMs` where that takes longer: it goes on then. */
  start(longestMs?: number): Promise<void>;
  /** Resolves once the start is over: what was there is known, or it is known that it cannot be seen. */
  readonly opened: Promise<void>;
  /** Whether the start goes on. Default false. */
  readonly isOpening?: boolean;
  /** Whether the models could be seen once. */
  readonly hasBeenRead: boolean;
  /** Why they cannot be seen now: `models` are those of the last time. Clients see this: without paths. */
  readonly problem: string | undefined;
  /** Scans at once, and until nothing of the model is being copied; false where that did not come about. */
  untilStable(name: string): Promise<boolean>;
  /** Folders that links beside a model's files may lead to. Default: the folder in which the model's file lies. */
  readonly linksMayLeadTo?: readonly string[];
  /** No listener is called any more. */
  stop(): void;
}

/** A tensor that has another shape for clients than for the model. In sizes, without a batch axis, null is any. */
export interface TensorReshape {
  /** Whether a batch axis stands before the sizes of both. */
  readonly hasBatchAxis: boolean;
  readonly outside: readonly (number | null)[];
  readonly inModel: readonly (number | null)[];
}

/** What a model's graph tells about its rows, as far as it tells it for certain. */
export interface RowFacts {
  /** Why rows must not share a run, by the output that shows it; empty where nothing in the graph does. */
  readonly problems: ReadonlyMap<string, string>;
  /** Outputs that are the same whatever the inputs. */
  readonly constants: ReadonlySet<string>;
  /** Outputs whose rows follow from the same rows of the inputs alone, along axis 0. */
  readonly rowwise: ReadonlySet<string>;
  /** By the name of an input: its integers are positions in a table of this length. */
  readonly limits: ReadonlyMap<string, number>;
}

/** What the engine is to load for a version, and what clients are told about it. */
export interface PreparedModel {
  readonly signature: EngineSignature;
  readonly metadata: ModelMetadata;
  /** Bytes of the file and of its external data. */
  readonly sizeBytes: number;
  /** Why requests must not share a run, where the graph itself tells: axis 0 of an input means something else. */
  readonly unbatchable?: string;
  /** What the graph tells about rows; absent where it was not read so far. */
  readonly rowFacts?: RowFacts;
  /** Tensors whose shape in `signature` is not the model's own, by name. */
  readonly reshapes?: {
    readonly inputs: ReadonlyMap<string, TensorReshape>;
    readonly outputs: ReadonlyMap<string, TensorReshape>;
  };
  /** What its files say that it does, and where they lie; absent where they say nothing. */
  readonly task?: { readonly facts: TaskFacts; readonly folder: ModelFolder };
  /** What was rewritten, a sentence each; empty when the file is loaded as it is. */
  readonly rewrites: readonly string[];
  /** The file itself or copies of it, as they are at the moment. */
  files(): EngineFiles;
  /**
   * Sees to it that engines can be started again even if the user's file is removed or written over, where there is
   * room for that; what `files` tells changes then. Rejects with a ServingError where the file has become another.
   */
  pin(): Promise<void>;
  /** Removes copies that nobody will need again. */
  dispose(): Promise<void>;
}

/** Reads a model file; rejects with a ServingError that says in a sentence why the file cannot be served. */
export type PrepareModel = (modelPath: string, config: ModelConfig) => Promise<PreparedModel>;
