import type { ModelConfig } from './model-config.js';
import type { TaskFacts } from './task.js';
import type { NamedTensor } from './tensor.js';
import type { ClientSignature } from './tensor-spec.js';

/** One version of one model. Versions are positive integers; the highest one serving is the latest. */
export interface ModelVersionId {
  readonly name: string;
  readonly version: number;
}

export const formatId = ({ name, version }: ModelVersionId): string => `${name}/${version}`;

/** Which version a request asks for; neither version nor label means the latest that serves. */
export interface ModelSelector {
  readonly name: string;
  readonly version?: number;
  readonly label?: string;
}

/** A version's way through its life, as TensorFlow Serving names the states. */
export type ModelVersionState = 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

export interface ModelVersionStatus extends ModelVersionId {
  readonly state: ModelVersionState;
  /** Why it does not serve, or why its newest file does not; absent when all is well. */
  readonly reason?: string;
  /** Not to serve is what was asked for: the reason is no fault. */
  readonly isIntended?: boolean;
  readonly labels: readonly string[];
}

/**
 * The axis along which a request's rows lie in each input and output, by the tensor's name. A tensor without an entry has
 * no rows: every row shares it.
 */
export interface BatchAxes {
  readonly inputs: ReadonlyMap<string, number>;
  readonly outputs: ReadonlyMap<string, number>;
}

/** How requests may share a run. `axes` absent means axis 0 of every input and output. */
export type Batching =
  /**
   * The batch axis is free: any number of rows up to `maxBatchSize` runs together. `maxBatchTokens`: rows are sequences of
   * tokens, and a run has no more of these.
   */
  | {
      readonly kind: 'dynamic';
      readonly maxBatchSize: number;
      readonly maxBatchTokens?: number;
      readonly axes?: BatchAxes;
    }
  /** The batch axis has a fixed size: runs have exactly `rows` rows, padded where fewer are there. */
  | { readonly kind: 'fixed'; readonly rows: number; readonly axes?: BatchAxes }
  /**
   * Requests run one at a time, as they came. Where `axes` says how rows lie, a request's own rows can be told apart and
   * run one by one; without it the model has no rows. `rows`: a run has exactly so many, so that fewer are filled up with
   * repetitions. `pending`: the proof is still going on.
   */
  | {
      readonly kind: 'none';
      readonly reason: string;
      readonly axes?: BatchAxes;
      readonly rows?: number;
      readonly pending?: boolean;
    };

/** What a model file says about itself and what the server found out about it. */
export interface ModelMetadata {
  /** `producer_name producer_version` of the file. */
  readonly producer?: string;
  readonly description?: string;
  readonly irVersion?: number;
  /** Operator-set versions by domain; the default domain is `ai.onnx`. */
  readonly opsets?: Readonly<Record<string, number>>;
  /** The file's `metadata_props`. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** What a run of so many rows, or tokens, was measured to cost inside the engine. */
export type RunCost = { readonly rows: number; readonly ms: number } | { readonly tokens: number; readonly ms: number };

/** What goes in and comes out, and how rows lie in it. */
export interface SignatureFacts {
  readonly signature: ClientSignature;
  readonly batching: Batching;
}

/** A loaded version, as protocols describe it to their clients. */
export interface ServableDescription extends SignatureFacts {
  readonly id: ModelVersionId;
  /** The graph's own, where `signature` is that of a task. */
  readonly tensors?: SignatureFacts | undefined;
  /** What its files say that it does, or why that is not served. */
  readonly task?: TaskFacts | undefined;
  readonly metadata: ModelMetadata;
  readonly labels: readonly string[];
  /** Every version of the same model that serves now, ascending. */
  readonly versions: readonly number[];
  readonly instances: number;
  /** The model's own settings, as they are in force. */
  readonly config: ModelConfig;
  /** Rows that a request may bring: known before anything is measured, and the same after each start. */
  readonly maxRequestRows: number;
  /** Of the model's file. */
  readonly fileName?: string | undefined;
  /** What was changed in the model file to make it servable, a sentence each. */
  readonly rewrites?: readonly string[];
  /** Ascending by size. */
  readonly costs?: readonly RunCost[];
  /** Made-up inputs of one row that the model took at warm-up; empty when it took none. */
  readonly sample?: readonly NamedTensor[];
}

/** What a model may be called: it stands in URLs, metrics and paths as it is. */
export const modelNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';

const expression = new RegExp(modelNamePattern);

export const isModelName = (name: string): boolean => expression.test(name);

/** By its name. */
export const isModelFile = (name: string): boolean => /\.(onnx|ort)$/i.test(name);
