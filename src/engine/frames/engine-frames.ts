import type { EngineFiles } from '../../core/engine-files.js';

/**
 * What the worker and an engine process say to each other: text frames, and tensor frames. Of these the header's detail
 * is the number of tensors, followed by the number of extra words; behind the header lie the extra words; then for each
 * tensor uint32 index, uint32 data type + 256 × rank, uint32 bytes of data, uint32 dimensions…; then, each from a
 * multiple of 8 on, the tensors' data.
 */
export const frameKind = {
  /** To the engine; text: a LoadOrder as JSON. Answered by `loaded`, `failed`, `changed` or `away`. */
  load: 1,
  /** To the engine; tensors: indices are those of the model's inputs, extra words those of the outputs wanted. */
  run: 2,
  /** From the engine; text: a LoadedModel as JSON. */
  loaded: 4,
  /** From the engine; tensors: indices are those of the model's outputs, extra words the run's nanoseconds, low and high. */
  result: 5,
  /** From the engine; text: the engine's own message. */
  failed: 6,
  /** From the engine, in place of any answer; text: which of the user's files is no longer what was prepared, and how. */
  changed: 7,
  /** From the engine, in place of a result that is larger than the load order allows; text: its bytes. */
  oversized: 8,
  /** From the engine, in place of `loaded`; text: which of the user's files cannot be reached for now. */
  away: 9,
} as const;

export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

/** What a load frame asks for. */
export interface LoadOrder extends EngineFiles {
  readonly threads: number;
  /** False for a graph that is to be run as it is. */
  readonly isOptimized?: boolean;
  /** What a run gives may be so many bytes; more is answered by `oversized`. */
  readonly largestResponseBytes: number;
}

/** What the engine process answers once the model is loaded. */
export interface LoadedModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}
