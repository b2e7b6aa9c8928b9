import type { CompletionHandler, InferenceRequest } from '../core/inference.js';
import type { Batching, ModelMetadata, SignatureFacts } from '../core/model.js';
import type { Inference, Servable, ServableFacts, ServableLoad } from '../core/servable.js';
import type { TaskFacts } from '../core/task.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ClientSignature } from '../core/tensor-spec.js';

/**
 * A layer that changes what goes in and comes out. What it does not override is as it is inside. One that shows clients
 * another signature describes that, and translates where rows lie.
 */
export abstract class Step implements Servable {
  readonly description: ServableFacts;
  protected readonly inner: Servable;

  constructor(inner: Servable, description = inner.description) {
    this.inner = inner;
    this.description = description;
  }

  get load(): ServableLoad {
    return this.inner.load;
  }

  /** What the inner servable is asked; what it throws fails the request. */
  abstract before(request: InferenceRequest): InferenceRequest;

  /** What the caller gets; what it throws fails the request. */
  abstract after(inference: Inference, request: InferenceRequest): Inference;

  infer(request: InferenceRequest, handler: CompletionHandler<Inference>): void {
    let inside: InferenceRequest;
    try {
      inside = this.before(request);
    } catch (error) {
      handler.failed(error);
      return;
    }
    this.inner.infer(inside, {
      completed: (inference) => {
        let outside: Inference;
        try {
          outside = this.after(inference, request);
        } catch (error) {
          handler.failed(error);
          return;
        }
        handler.completed(outside);
      },
      failed: (error) => handler.failed(error),
    });
  }

  drain(): Promise<void> {
    return this.inner.drain();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** The facts of an inner servable, for a layer that says some of them otherwise. */
export class InnerFacts implements ServableFacts {
  protected readonly inner: ServableFacts;

  constructor(inner: ServableFacts) {
    this.inner = inner;
  }

  get signature(): ClientSignature {
    return this.inner.signature;
  }

  get batching(): Batching {
    return this.inner.batching;
  }

  get tensors(): SignatureFacts | undefined {
    return this.inner.tensors;
  }

  get task(): TaskFacts | undefined {
    return this.inner.task;
  }

  get metadata(): ModelMetadata {
    return this.inner.metadata;
  }

  get instances(): number {
    return this.inner.instances;
  }

  get rewrites(): readonly string[] {
    return this.inner.rewrites ?? [];
  }

  get costs(): NonNullable<ServableFacts['costs']> {
    return this.inner.costs ?? [];
  }

  get sample(): readonly NamedTensor[] {
    return this.inner.sample ?? [];
  }
}
