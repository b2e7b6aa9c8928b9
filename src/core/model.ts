import type { NamedTensor } from './tensor.js';
import type { ModelSignature } from './tensor-spec.js';

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

/** How requests may share a run. */
export type Batching =
  /** Axis 0 is free: any number of rows up to `maxBatchSize` runs together. */
  | { readonly kind: 'dynamic'; readonly maxBatchSize: number }
  /** Axis 0 has a fixed size: runs have exactly `rows` rows, padded where fewer are there. */
  | { readonly kind: 'fixed'; readonly rows: number }
  /** Requests run one at a time, as they came. */
  | { readonly kind: 'none'; readonly reason: string };

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

/** A loaded version, as protocols describe it to their clients. */
export interface ServableDescription {
  readonly id: ModelVersionId;
  readonly signature: ModelSignature;
  readonly batching: Batching;
  readonly metadata: ModelMetadata;
  readonly labels: readonly string[];
  /** Every version of the same model that serves now, ascending. */
  readonly versions: readonly number[];
  readonly instances: number;
  /** What was changed in the model file to make it servable, a sentence each. */
  readonly rewrites?: readonly string[];
  /** What runs of so many rows were measured to cost inside the engine, ascending by rows. */
  readonly costs?: readonly { readonly rows: number; readonly ms: number }[];
  /** Made-up inputs of one row that the model took at warm-up; empty when it took none. */
  readonly sample?: readonly NamedTensor[];
}
