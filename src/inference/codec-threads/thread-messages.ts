import type { SignatureFacts } from '../../core/model.js';
import type { ErrorCode } from '../../core/serving-error.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { InferenceReading, ModelFacts, Results } from '../inference-codec.js';
import type { Transferable } from './transferables.js';

interface ReadTask {
  readonly kind: 'read';
  /** Its name. */
  readonly codec: string;
  /** What the message has besides its body. */
  readonly about: object;
  /** The body lies in it. */
  readonly memory: ArrayBuffer;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  readonly model: ModelFacts;
}

interface WriteTask extends Omit<Results, 'outputs'> {
  readonly kind: 'write';
  readonly codec: string;
  readonly wishes: unknown;
  readonly outputs: readonly Transferable<NamedTensor>[];
  readonly model: SignatureFacts;
}

/** What a thread is asked to do, one at a time. */
export type ThreadTask = ReadTask | WriteTask;

interface ReadOutcome extends Omit<InferenceReading, 'inputs'> {
  readonly kind: 'read';
  readonly inputs: ReadonlyMap<string, Transferable>;
}

interface WriteOutcome {
  readonly kind: 'written';
  readonly body: Uint8Array;
  /** What the message has besides its body. */
  readonly about: object;
}

/** The request is wrong, or the answer does not fit it: a ServingError. */
interface Rejection {
  readonly kind: 'rejected';
  readonly code: ErrorCode;
  readonly message: string;
}

/** A fault of ours. */
interface Failure {
  readonly kind: 'failed';
  readonly error: unknown;
}

/** What comes of a task. */
export type ThreadOutcome = ReadOutcome | WriteOutcome | Rejection | Failure;
