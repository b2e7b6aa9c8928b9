import type { DataType, IntegerRange } from './data-type.js';
import type { Tensor } from './tensor.js';

/** A fixed size, a named size (equal names mean equal sizes within one request, which the engine does not insist on), or any size. */
export type Dimension = number | string | null;

/** What a model takes or gives under one name. */
export interface TensorSpec {
  readonly name: string;
  readonly dataType: DataType;
  /** `[]` is a scalar; `null` is an unknown rank. */
  readonly shape: readonly Dimension[] | null;
  /** The model has a default of its own, which a request may leave in place. */
  readonly optional?: boolean;
  /** What the engine is given where a request leaves an optional input out. Its shape need not be one that `shape` allows. */
  readonly defaultValue?: Tensor;
  /** Integers that the model takes or gives, where they are fewer than those of the data type (int4 carried as INT8). */
  readonly range?: IntegerRange;
  /** The type in the model file, where it is carried as FP32; a request may be in it. */
  readonly modelDataType?: 'BF16';
  /** Names of the positions of the last axis (class labels of a probability tensor). */
  readonly classLabels?: readonly (string | number)[];
  /** In the model file each row is a map from `classLabels` to values; JSON for people shows it so. */
  readonly isMap?: boolean;
  /**
   * What the strings of BYTES stand for. `base64`: bytes that are no text, in base64; protocols that carry bytes encode
   * them. `json`: a value each, which protocols that speak JSON write as such.
   */
  readonly content?: 'base64' | 'json';
  /** Documentation found in the model file or its `model.json`. */
  readonly description?: string;
}

export interface ModelSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

declare const seenBy: unique symbol;

/** A signature as clients see it. */
export interface ClientSignature extends ModelSignature {
  readonly [seenBy]?: 'client';
}

/** A signature as the engine's batches have it: a layer between it and the clients may show them another one. */
export interface EngineSignature extends ModelSignature {
  readonly [seenBy]?: 'engine';
}

/** Where nothing stands between the two. */
export const asClientSignature = ({ inputs, outputs }: EngineSignature): ClientSignature => ({ inputs, outputs });

/** `FP32[batch, 4]`, with `?` for an anonymous dimension and `…` for an unknown rank. */
export function formatSpec(spec: Pick<TensorSpec, 'dataType' | 'shape'>): string {
  return `${spec.dataType}${formatShape(spec.shape)}`;
}

export function formatShape(shape: readonly Dimension[] | null): string {
  return shape === null ? '[…]' : `[${shape.map((size) => size ?? '?').join(', ')}]`;
}

/** Dimensions as the wire protocols print them: −1 for every size that is not fixed. */
export const wireShape = (shape: readonly Dimension[]): number[] =>
  shape.map((size) => (typeof size === 'number' ? size : -1));
