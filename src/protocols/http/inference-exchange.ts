import type { InferenceResponse } from '../../core/inference.js';
import type { Tensor } from '../../core/tensor.js';

export interface HttpAnswer {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a protocol read from one request, and how it will write the answer to it. */
export interface InferenceExchange {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Absent means all. */
  readonly outputs?: readonly string[] | undefined;
  readonly priority?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Throws INVALID_ARGUMENT when the answer does not fit the form that was asked for. */
  answer(response: InferenceResponse): HttpAnswer;
}
