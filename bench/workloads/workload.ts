import type { ModelName } from '../recipes/make-models.js';

/** One row for one input of a model. */
export interface InputRow {
  readonly name: string;
  readonly dataType: 'FP32' | 'INT64';
  /** Without the batch axis. */
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** What callers ask one of the models. */
export interface Workload {
  readonly model: ModelName;
  readonly title: string;
  /** The requests, of one row each, which take turns. */
  readonly questions: readonly (readonly InputRow[])[];
}
