import type { InferenceRequest, InferenceResponse } from '../core/inference.js';
import type { ServableDescription, SignatureFacts } from '../core/model.js';
import type { Tensor } from '../core/tensor.js';

/** What a protocol has to know of a model to read a request for it and to write the answer. */
export type ModelFacts = Pick<ServableDescription, 'signature' | 'batching' | 'tensors'>;

/** The part of a response that is written. */
export type Results = Pick<InferenceResponse, 'id' | 'outputs' | 'usage'>;

/** The largest element of a tensor: a body begins within so many bytes of its memory, so that raw tensors can be views on it. */
export const alignmentBytes = 8;

/** A request as it came. What a protocol adds beside the body is plain data: it may go to another thread. */
export interface Message {
  readonly body: Buffer;
}

/** An answer as it is sent; plain data too. */
export interface WrittenMessage {
  /** A text is sent as UTF-8. */
  readonly body: string | Buffer;
  /** Sent behind the body. Shares memory with the results where that is cheaper than to copy it. */
  readonly tail?: readonly Uint8Array[];
}

/** Bytes, or of a text characters. */
export const lengthOf = ({ body, tail = [] }: WrittenMessage): number =>
  tail.reduce((sum, { length }) => sum + length, body.length);

/** What was read from one request. Plain data: it may have been read in another thread. */
export interface InferenceReading<Wishes = unknown> {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Absent means all. */
  readonly outputs?: readonly string[] | undefined;
  readonly separateRows?: InferenceRequest['separateRows'];
  readonly signature?: InferenceRequest['signature'];
  readonly parameters?: InferenceRequest['parameters'];
  /** Counts for more than that of the call. */
  readonly priority?: number | undefined;
  /** The earlier of this and the call's counts. */
  readonly timeoutMs?: number | undefined;
  /** How the answer is to be written. */
  readonly wishes: Wishes;
}

/** How one kind of inference request is read and answered. Pure: it may be done in any thread. */
export interface InferenceCodec<
  In extends Message = Message,
  Out extends WrittenMessage = WrittenMessage,
  Wishes = unknown,
> {
  /** Tells it from all others. */
  readonly name: string;
  /** How many bytes `read` has to look at one by one: no more than the body has. */
  readingBytes(message: In, model: ModelFacts): number;
  /** Throws INVALID_ARGUMENT saying what is wrong with the request. */
  read(message: In, model: ModelFacts): InferenceReading<Wishes>;
  /** How many bytes of tensors `write` has to turn into text: no more than they have. */
  writingBytes(wishes: Wishes, results: Results): number;
  /**
   * Throws INVALID_ARGUMENT when the answer does not fit the form that was asked for. `model`: by the signature that the
   * request meant.
   */
  write(wishes: Wishes, results: Results, model: SignatureFacts): Out;
}
