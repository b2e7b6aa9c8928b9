import type { DataType } from './data-type.js';
import type { DetectionPlan } from './detection-plan.js';
import type { ImagePlan } from './image-plan.js';
import type { TaskSettings } from './task.js';

/** An input or output as Triton's `config.pbtxt` declares it. In sizes, null is any. */
export interface DeclaredTensor {
  readonly name: string;
  readonly dataType?: DataType;
  /** What clients send or get, without a batch axis that is implied. */
  readonly dims: readonly (number | null)[];
  /** What the model takes or gives in its stead. */
  readonly reshape?: readonly (number | null)[];
  /** `FORMAT_NCHW`, say. */
  readonly format?: string;
}

export interface DeclaredTensors {
  /** Whether a batch axis stands before all the sizes. */
  readonly batchAxis: 'implied' | 'none' | 'unknown';
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
}

/** Which of a model's versions are served. */
export type VersionPolicy =
  | { readonly kind: 'latest'; readonly count: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'specific'; readonly versions: readonly number[] };

/** How far a number may lie from the one that was expected: `absolute + relative × |expected|`. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** How a version comes to serve. */
export interface RolloutConfig {
  /** Of golden requests that say none themselves. `off`: none are sent. */
  readonly golden?: 'off' | Partial<Tolerance>;
}

/** A model's own settings, from its optional `model.json` and Triton's `config.pbtxt`; the first counts for more. What is absent is found out or taken from the server's defaults. */
export interface ModelConfig {
  readonly description?: string;
  /** Which file of a version is the model, relative to the version's folder. */
  readonly file?: string;
  /** Or which of several files of it: the suffix of its name. */
  readonly variant?: string;
  /** The outputs that are served, in this order; all of them where absent. */
  readonly outputs?: readonly string[];
  readonly versionPolicy: VersionPolicy;
  /** Label → version. Labelled versions are served besides those of the policy. */
  readonly labels: Readonly<Record<string, number>>;
  /** `auto` batches only what a trial at warm-up showed to be safe. */
  readonly batching: 'auto' | 'on' | 'off';
  /** Rows in one run, at most. */
  readonly maxBatchSize?: number;
  /** How long the oldest request may wait for company while an instance is free. */
  readonly maxQueueDelayMs?: number;
  readonly preferredBatchSizes?: readonly number[];
  /** Runs have exactly one of these sizes; smaller batches are padded up. */
  readonly allowedBatchSizes?: readonly number[];
  /** Rows that may wait; more are rejected. */
  readonly maxQueueRows?: number;
  /** Batches are kept small enough to be computed within this. */
  readonly latencyTargetMs?: number;
  readonly instances?: number;
  /** Instances kept loaded beyond `instances`, each taking over at once where one dies. */
  readonly spares?: number;
  /** Threads inside one operator, per instance. */
  readonly threads?: number;
  /** A run that takes longer is ended together with its engine process. */
  readonly runTimeoutMs?: number;
  /** Memory one engine process of this model may use. */
  readonly memoryLimitBytes?: number;
  /** What of the model's task is not to be found out; `none`: it has no task. */
  readonly task?: TaskSettings | 'none';
  /** What is done to pictures, where that is not to be found out. */
  readonly image?: Partial<ImagePlan>;
  /** How the things in them are found, likewise. */
  readonly detection?: Partial<DetectionPlan>;
  readonly rollout?: RolloutConfig;
  /** What `config.pbtxt` says of inputs and outputs: only the outputs that it declares are served. */
  readonly tensors?: DeclaredTensors;
  /** From `config.pbtxt`, as they are. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Output name → names of the positions of its last axis. */
  readonly classLabels?: Readonly<Record<string, readonly (string | number)[]>>;
}

export const defaultModelConfig: ModelConfig = {
  versionPolicy: { kind: 'latest', count: 1 },
  labels: {},
  batching: 'auto',
};
