import type { ServerUnaryCall } from '@grpc/grpc-js';
import { CancelSignal } from '../../../inference/inference-call.js';
import { ArrivedCall } from '../arrived-call.js';
import { grpcFailure, trailersOf } from '../grpc-failure.js';
import type { GrpcContext, GrpcMethod } from '../grpc-method.js';
import type { StalledCallers } from '../stalled-callers.js';
import type { OutgoingMessage } from '../wire/parted-message.js';
import type { Inferences } from './inferences.js';

export interface InferMethodOptions {
  readonly path: string;
  readonly context: GrpcContext;
  readonly inferences: Inferences;
  readonly stalls: StalledCallers;
}

/** A method of one request and one response that infers, such as `ModelInfer`. */
export const inferMethod = ({ path, context, inferences, stalls }: InferMethodOptions): GrpcMethod => ({
  path,
  scope: 'infer',
  kind: 'unary',
  handle: (source: ServerUnaryCall<Buffer, OutgoingMessage>, respond) => {
    const call = new ArrivedCall(source, context.ids);
    const trace = inferences.trace(call);
    const trailers = trailersOf(call.requestId, trace);
    context.loadReport?.addTo(trailers, call);
    const signal = new CancelSignal();
    inferences.begin({ call, signal, trace }, source.request, {
      succeeded: (message, hold) => {
        if (hold !== undefined) stalls.watch(source, hold);
        respond(null, message, trailers);
      },
      failed: (error) => respond(grpcFailure(error, trailers)),
    });
    // Emitted, too, when the answer was taken, and when the deadline has passed: that one the call keeps itself.
    source.once('cancelled', () => {
      if (!call.isOverdue) signal.abort();
    });
  },
});
