import type { CompletionHandler, InferenceRequest } from '../../core/inference.js';
import type { Batching, SignatureFacts } from '../../core/model.js';
import type { Preparer } from '../../core/preparation.js';
import type { Inference, Servable, ServableFacts, ServableLoad } from '../../core/servable.js';
import type { TaskFacts, TaskPlan } from '../../core/task.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ClientSignature } from '../../core/tensor-spec.js';
import type { GraphInput } from '../../tasks/text/graph-inputs.js';
import type { TextHead } from '../../tasks/text/text-head.js';
import type { Padding } from '../../tasks/text/token-tensors.js';
import { InnerFacts } from '../step.js';
import { TextCall } from './text-call.js';
import { mostTexts } from './text-request.js';

export interface TextTaskParts {
  readonly plan: TaskPlan;
  readonly preparer: Preparer;
  readonly head: TextHead;
  readonly inputs: readonly GraphInput[];
  readonly output: string;
  readonly padding: Padding;
  readonly maxTokens: number;
  readonly maxBatchTokens: number;
  readonly fixedLength: number | undefined;
  /** Whether texts of unlike length share runs: padding was shown to change no answer. */
  readonly isPadded: boolean;
}

/** A layer that takes texts, and gives what they mean. Requests for the graph's own tensors pass through. */
export class TextTask implements Servable {
  readonly description: ServableFacts;
  readonly load: ServableLoad;
  readonly #inner: Servable;
  readonly #parts: TextTaskParts;

  constructor(inner: Servable, parts: TextTaskParts) {
    this.#inner = inner;
    this.#parts = parts;
    this.load = inner.load;
    this.description = new TaskFactsOf(inner.description, parts);
  }

  infer(request: InferenceRequest, handler: CompletionHandler<Inference>): void {
    if (request.signature === 'tensors') this.#inner.infer(request, handler);
    else void new TextCall(this.#inner, this.#parts, request).run().then(...settled(handler));
  }

  drain(): Promise<void> {
    return this.#inner.drain();
  }

  async close(): Promise<void> {
    await Promise.all([this.#parts.preparer.close(), this.#inner.close()]);
  }
}

/** A handler as the two functions of `then`; neither throws. */
const settled = <Result>(handler: CompletionHandler<Result>) =>
  [(result: Result) => handler.completed(result), (error: unknown) => handler.failed(error)] as const;

/** What clients see of it; rows lie along axis 0 of everything. */
class TaskFactsOf extends InnerFacts {
  readonly #signature: ClientSignature;
  readonly #task: TaskFacts;

  constructor(inner: ServableFacts, { head, plan }: TextTaskParts) {
    super(inner);
    const text = { name: 'text', dataType: 'BYTES', shape: [null] } as const;
    const pair = { name: 'text_pair', dataType: 'BYTES', shape: [null] } as const;
    this.#signature = {
      inputs: [text, ...(head.pairs === 'no' ? [] : [{ ...pair, optional: head.pairs === 'may' }])],
      outputs: head.outputs,
    };
    this.#task = { plan };
  }

  override get signature(): ClientSignature {
    return this.#signature;
  }

  override get batching(): Batching {
    return { kind: 'dynamic', maxBatchSize: mostTexts };
  }

  override get tensors(): SignatureFacts {
    return { signature: this.inner.signature, batching: this.inner.batching };
  }

  override get task(): TaskFacts {
    return this.#task;
  }

  override get sample(): readonly NamedTensor[] {
    return this.#signature.inputs.map(({ name }) => ({ name, dataType: 'BYTES', shape: [1], data: ['A short text.'] }));
  }
}
