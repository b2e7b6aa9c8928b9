import type { ErrorCode } from '../../../core/serving-error.js';
import type { NamedTensor } from '../../../core/tensor.js';
import type { CallContent } from '../inference-call.js';
import type { InferenceReading, ModelFacts, Results } from '../inference-form.js';
import type { Parcel } from './parcels.js';

interface ReadTask extends Omit<CallContent, 'body'> {
  readonly kind: 'read';
  /** Name of the form. */
  readonly form: string;
  /** The body lies in it. */
  readonly memory: ArrayBuffer;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  readonly model: ModelFacts;
}

interface WriteTask extends Omit<Results, 'outputs'> {
  readonly kind: 'write';
  readonly form: string;
  readonly wishes: unknown;
  readonly outputs: readonly Parcel<NamedTensor>[];
  readonly model: ModelFacts;
}

/** What a thread is asked to do, one at a time. */
export type ThreadTask = ReadTask | WriteTask;

interface ReadOutcome extends Omit<InferenceReading, 'inputs'> {
  readonly kind: 'read';
  readonly inputs: ReadonlyMap<string, Parcel>;
}

interface WriteOutcome {
  readonly kind: 'written';
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** The request is wrong, or the answer does not fit it: a ServingError. */
interface Refusal {
  readonly kind: 'refused';
  readonly code: ErrorCode;
  readonly message: string;
}

/** A fault of ours. */
interface Failure {
  readonly kind: 'failed';
  readonly error: unknown;
}

/** What comes of a task. */
export type ThreadOutcome = ReadOutcome | WriteOutcome | Refusal | Failure;
