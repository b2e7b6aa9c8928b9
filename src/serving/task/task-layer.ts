import type { CompletionHandler, InferenceRequest } from '../../core/inference.js';
import type { PreparedModel } from '../../core/model-source.js';
import type { Preparation } from '../../core/preparation.js';
import type { Inference, Servable, ServableFacts, ServableLoad } from '../../core/servable.js';
import { ServingError } from '../../core/serving-error.js';
import { isImageTask, type TaskFacts } from '../../core/task.js';
import type { TokenLimit } from '../../scheduling/token-limit.js';
import type { RequestLayer } from '../layers.js';
import { InnerFacts } from '../step.js';
import { openImageTask } from './open-image-task.js';
import { openTextTask } from './open-text-task.js';

/** The layer of models whose files say what they do. What keeps a task from being served is told; the tensors are served. */
export const taskLayer =
  (preparation: Preparation): RequestLayer =>
  async (inner, facts) => {
    const { task } = facts.prepared;
    if (task === undefined) return inner;
    if ('off' in task.facts) return new WithoutTask(inner, task.facts);
    try {
      const { plan } = task.facts;
      const options = { ...task, plan, id: facts.id, preparation };
      return await (isImageTask(plan.settings.type) ? openImageTask(inner, options) : openTextTask(inner, options));
    } catch (error) {
      // Its files are away for now: it is loaded once they are back.
      if (error instanceof ServingError && error.retryAfterSeconds !== undefined) throw error;
      return new WithoutTask(inner, { off: (error as Error).message });
    }
  };

/** The graph's own tensors, and why there is no more. */
class WithoutTask implements Servable {
  readonly description: ServableFacts;
  readonly load: ServableLoad;
  readonly #inner: Servable;

  constructor(inner: Servable, task: TaskFacts) {
    this.#inner = inner;
    this.load = inner.load;
    this.description = new OffFacts(inner.description, task);
  }

  infer(request: InferenceRequest, handler: CompletionHandler<Inference>): void {
    this.#inner.infer(request, handler);
  }

  drain(): Promise<void> {
    return this.#inner.drain();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

class OffFacts extends InnerFacts {
  readonly #task: TaskFacts;

  constructor(inner: ServableFacts, task: TaskFacts) {
    super(inner);
    this.#task = task;
  }

  override get task(): TaskFacts {
    return this.#task;
  }
}

/** How runs are sized of a model that reads texts; undefined for others, whose rows all cost the same. */
export function tokenLimitOf({ task }: Pick<PreparedModel, 'task'>): TokenLimit | undefined {
  if (task === undefined || 'off' in task.facts) return undefined;
  const { maxBatchTokens } = task.facts.plan.settings;
  if (maxBatchTokens === undefined) return undefined;
  return { maxBatchTokens, tokensOf: (inputs) => inputs.find(({ name }) => name === 'input_ids')?.shape[1] ?? 1 };
}
