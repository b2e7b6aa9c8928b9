import type { ModelConfig } from '../core/model-config.js';
import type { PreparedModel } from '../core/model-source.js';
import { type PrepareModelOptions, prepareModel } from '../onnx/prepare-model.js';
import { withModelSettings } from '../serving/model-settings.js';
import { filesBesideModel } from '../sources/files-beside-model.js';
import { deriveTask } from '../tasks/derive-task.js';

/** A model as it is served: what the engine loads, as its settings want it, and what the files beside it say that it does. */
export async function prepareServedModel(
  modelPath: string,
  config: ModelConfig,
  options: PrepareModelOptions,
): Promise<PreparedModel> {
  const prepared = withModelSettings(await prepareModel(modelPath, options), config);
  const folder = await filesBesideModel(modelPath, options.mayLeadTo ?? []);
  const facts = await deriveTask({
    folder,
    signature: prepared.signature,
    settings: config.task,
    image: config.image,
    detection: config.detection,
    properties: prepared.metadata.properties,
  });
  return facts === undefined ? prepared : { ...prepared, task: { facts, folder } };
}
