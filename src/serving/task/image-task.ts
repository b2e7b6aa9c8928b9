import type { CompletionHandler, InferenceRequest } from '../../core/inference.js';
import type { Batching, SignatureFacts } from '../../core/model.js';
import type { Preparer } from '../../core/preparation.js';
import type { Inference, Servable, ServableFacts, ServableLoad } from '../../core/servable.js';
import type { TaskFacts, TaskPlan } from '../../core/task.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ClientSignature } from '../../core/tensor-spec.js';
import type { ImageHead } from '../../tasks/image/image-head.js';
import type { ImageInputs } from '../../tasks/image/image-input.js';
import { InnerFacts } from '../step.js';
import { ImageCall } from './image-call.js';
import { mostImages } from './image-request.js';

export interface ImageTaskParts {
  readonly plan: TaskPlan;
  readonly preparer: Preparer;
  readonly head: ImageHead;
  readonly inputs: ImageInputs;
}

/** A layer that takes pictures, and gives what they show. Requests for the graph's own tensors pass through. */
export class ImageTask implements Servable {
  readonly description: ServableFacts;
  readonly load: ServableLoad;
  readonly #inner: Servable;
  readonly #parts: ImageTaskParts;

  constructor(inner: Servable, parts: ImageTaskParts) {
    this.#inner = inner;
    this.#parts = parts;
    this.load = inner.load;
    this.description = new ImageTaskFacts(inner.description, parts);
  }

  infer(request: InferenceRequest, handler: CompletionHandler<Inference>): void {
    if (request.signature === 'tensors') {
      this.#inner.infer(request, handler);
      return;
    }
    new ImageCall(this.#inner, this.#parts, request).run().then(
      (inference) => handler.completed(inference),
      (error: unknown) => handler.failed(error),
    );
  }

  drain(): Promise<void> {
    return this.#inner.drain();
  }

  async close(): Promise<void> {
    await Promise.all([this.#parts.preparer.close(), this.#inner.close()]);
  }
}

/** A PNG of one black pixel. */
const samplePicture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC';

/** What clients see of it; rows lie along axis 0 of everything. */
class ImageTaskFacts extends InnerFacts {
  readonly #signature: ClientSignature;
  readonly #task: TaskFacts;

  constructor(inner: ServableFacts, { head, plan }: ImageTaskParts) {
    super(inner);
    this.#signature = {
      inputs: [
        {
          name: 'image',
          dataType: 'BYTES',
          shape: [null],
          content: 'base64',
          description: 'The bytes of a JPEG, PNG or WebP picture.',
        },
      ],
      outputs: head.outputs,
    };
    this.#task = { plan };
  }

  override get signature(): ClientSignature {
    return this.#signature;
  }

  override get batching(): Batching {
    return { kind: 'dynamic', maxBatchSize: mostImages };
  }

  override get tensors(): SignatureFacts {
    return { signature: this.inner.signature, batching: this.inner.batching };
  }

  override get task(): TaskFacts {
    return this.#task;
  }

  override get sample(): readonly NamedTensor[] {
    return [{ name: 'image', dataType: 'BYTES', shape: [1], data: [samplePicture] }];
  }
}
