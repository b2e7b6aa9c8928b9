import type { ModelVersionId } from '../../core/model.js';
import type { Preparation } from '../../core/preparation.js';
import type { Servable } from '../../core/servable.js';
import type { TaskPlan } from '../../core/task.js';
import { DetectionHead } from '../../tasks/detection/detection-head.js';
import { ImageClassificationHead } from '../../tasks/image/image-classification.js';
import { imageInputs } from '../../tasks/image/image-input.js';
import { ImageTask } from './image-task.js';

export interface OpenImageTaskOptions {
  readonly id: ModelVersionId;
  readonly plan: TaskPlan;
  readonly preparation: Preparation;
}

/** Rejects with an Error that says why the task cannot be served; nothing is left behind then. */
export async function openImageTask(
  inner: Servable,
  { id, plan, preparation }: OpenImageTaskOptions,
): Promise<ImageTask> {
  const { signature } = inner.description;
  const inputs = imageInputs(signature);
  const head =
    plan.settings.type === 'object-detection'
      ? new DetectionHead(plan, signature.outputs)
      : new ImageClassificationHead(plan.settings);
  const preparer = await preparation.open({ id, ...(plan.image && { image: plan.image }) });
  return new ImageTask(inner, { plan, preparer, head, inputs });
}
