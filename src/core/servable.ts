import type { CompletionHandler, InferenceRequest, InferenceResponse } from './inference.js';
import type { ServableDescription } from './model.js';
import type { ServingError } from './serving-error.js';

/** What an inference came to; whose it was, the outermost layer says. */
export type Inference = Omit<InferenceResponse, 'id'>;

/** What clients are told of a servable. Every fact is looked up when it is asked for: some are learned while it serves. */
export type ServableFacts = Pick<
  ServableDescription,
  'signature' | 'batching' | 'tensors' | 'task' | 'metadata' | 'instances' | 'rewrites' | 'costs' | 'sample'
>;

/** What a version is asked for, and what it could compute. */
export interface Demand {
  /** Rows that come, rejected ones included. */
  readonly offeredRowsPerSecond: number;
  /** Rows that its instances compute when they do nothing else; undefined before a run was measured. */
  readonly capacityRowsPerSecond: number | undefined;
}

/** How busy a servable is, now and at each later reading. */
export interface ServableLoad {
  readonly queuedRows: number;
  readonly queuedRequests: number;
  /** Requests taken and not answered yet. */
  readonly openRequests: number;
  demand(): Demand;
  /** What any request would fail with, whatever it brings; undefined where some are taken. Asked once for a request: it counts. */
  rejection(): ServingError | undefined;
}

/**
 * Something that infers: the engine's batches, or a layer around another servable. A layer may change what goes in and
 * comes out, and then says so by a description of its own. Owner: whoever made it, or the layer around it.
 */
export interface Servable {
  /** The same object as long as the servable lives. */
  readonly description: ServableFacts;
  readonly load: ServableLoad;
  /** Never throws. Fails with ServingError only, unless something is broken. */
  infer(request: InferenceRequest, handler: CompletionHandler<Inference>): void;
  /** Resolves when every request taken is answered. The caller sees to it that none comes any more. */
  drain(): Promise<void>;
  /** Ends what it holds, once; what still runs fails. */
  close(): Promise<void>;
}
