import type { Verdict } from '../../../access/access.js';
import type { CallTrace } from '../../../core/call-trace.js';
import type { ModelSelector } from '../../../core/model.js';
import { ServingError } from '../../../core/serving-error.js';
import type { InferenceMethod } from '../../../inference/inference-method.js';
import type { ArrivedCall } from '../arrived-call.js';
import type { GrpcContext } from '../grpc-method.js';
import { type ArrivedInference, InferCall, type InferOutcome } from './infer-call.js';
import type { GrpcMessage, GrpcResponse } from './infer-codec.js';

export interface InferencesOptions {
  readonly context: GrpcContext;
  readonly method: InferenceMethod<GrpcMessage, GrpcResponse>;
  /** What the message calls its model. */
  readonly readModel: (body: Buffer) => ModelSelector;
  /** Header that tells callers apart, in lower case. */
  readonly callerHeader: string | undefined;
  /** Given where it matters whether calls come from programs on this machine. */
  readonly isLocal?: ((call: ArrivedCall) => boolean) | undefined;
}

/** Inference calls of one kind of message, each with one outcome and one report. */
export class Inferences {
  readonly #options: InferencesOptions;

  constructor(options: InferencesOptions) {
    this.#options = options;
  }

  /** Of one inference: a stream has many. */
  trace({ path, headers }: ArrivedCall): CallTrace | undefined {
    const { tracer } = this.#options.context;
    return tracer?.begin({ transport: 'grpc', path, headers, arrivedAt: performance.now() });
  }

  begin(arrived: ArrivedInference, body: Buffer, outcome: InferOutcome): void {
    const { context, method, readModel, callerHeader } = this.#options;
    const { call } = arrived;
    const caller = new InferCall(arrived, callerHeader, outcome);
    try {
      const model = readModel(body);
      const verdict = context.admit(call, { scope: 'infer', action: 'infer', model: model.name });
      const settle = (settled: Verdict): void => {
        if (settled instanceof ServingError) {
          caller.failed(method.failed(settled, caller));
          return;
        }
        caller.principal = settled;
        this.#begin(model, caller, call, body);
      };
      if (verdict instanceof Promise) void verdict.then(settle);
      else settle(verdict);
    } catch (error) {
      outcome.failed(method.failed(error, caller));
    }
  }

  #begin(model: ModelSelector, caller: InferCall, call: ArrivedCall, body: Buffer): void {
    const { method, isLocal } = this.#options;
    method.begin(model, caller, { body, isLocal: isLocal?.(call) ?? false });
  }
}
