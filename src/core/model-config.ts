/** Which of a model's versions are served. */
export type VersionPolicy =
  | { readonly kind: 'latest'; readonly count: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'specific'; readonly versions: readonly number[] };

/** A model's own settings, from its optional `model.json`. What is absent is found out or taken from the server's defaults. */
export interface ModelConfig {
  readonly description?: string;
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
  /** Rows that may wait; more are turned away. */
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
  /** Output name → names of the positions of its last axis. */
  readonly classLabels?: Readonly<Record<string, readonly (string | number)[]>>;
}

export const defaultModelConfig: ModelConfig = {
  versionPolicy: { kind: 'latest', count: 1 },
  labels: {},
  batching: 'auto',
};
