import type { InferenceResponse } from '../../core/inference.js';
import type { ServableDescription } from '../../core/model.js';
import type { Tensor } from '../../core/tensor.js';
import type { CallContent } from './inference-call.js';

/** What a protocol has to know of a model to read a request for it and to write the answer. */
export type ModelFacts = Pick<ServableDescription, 'signature' | 'batching'>;

/** The part of a response that is written. */
export type Results = Pick<InferenceResponse, 'id' | 'outputs'>;

/** What was read from one request. Plain data: it may have been read in another thread. */
export interface InferenceReading<Wishes = unknown> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Absent means all. */
  readonly outputs?: readonly string[] | undefined;
  readonly priority?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** How the answer is to be written. */
  readonly wishes: Wishes;
}

export interface HttpAnswer {
  /** A text is sent as UTF-8. */
  readonly body: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** How one kind of inference request is read and answered. Pure: it may be done in any thread. */
export interface InferenceForm<Wishes = unknown> {
  /** Tells it from all others. */
  readonly name: string;
  /** How many bytes `read` has to look at one by one. */
  readingBytes(content: CallContent, model: ModelFacts): number;
  /** Throws INVALID_ARGUMENT saying what is wrong with the request. */
  read(content: CallContent, model: ModelFacts): InferenceReading<Wishes>;
  /** How many bytes of tensors `write` has to turn into text. */
  writingBytes(wishes: Wishes, results: Results): number;
  /** Throws INVALID_ARGUMENT when the answer does not fit the form that was asked for. */
  write(wishes: Wishes, results: Results, model: ModelFacts): HttpAnswer;
}
