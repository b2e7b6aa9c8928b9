import type { DetectionPlan } from '../core/detection-plan.js';
import type { ImagePlan } from '../core/image-plan.js';
import { isImageTask, type ModelFolder, type TaskFacts, type TaskSettings } from '../core/task.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { deriveImageTask } from './image/derive-image-task.js';
import { isUltralytics, ultralyticsType } from './image/plan/ultralytics.js';
import { ModelFiles } from './model-files.js';
import { findType, type Module } from './task-type.js';
import { deriveTextTask } from './text/derive-text-task.js';

export interface TaskSource {
  readonly folder: ModelFolder;
  readonly signature: ModelSignature;
  /** What `model.json` says; it counts for more than the files. */
  readonly settings?: TaskSettings | 'none' | undefined;
  readonly image?: Partial<ImagePlan> | undefined;
  readonly detection?: Partial<DetectionPlan> | undefined;
  /** The ONNX file's own properties. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

/**
 * What a model's files come to. Undefined where nothing points to a task. Whatever is wrong with them turns the task off,
 * never the model: its tensors are served all the same.
 */
export async function deriveTask(source: TaskSource): Promise<TaskFacts | undefined> {
  const { folder, signature, settings = {}, image = {}, detection = {} } = source;
  if (settings === 'none') return undefined;
  const files = new ModelFiles(folder);
  const [config, sentences, chain] = await Promise.all([
    files.json('config.json'),
    files.json('config_sentence_transformers.json'),
    files.json('modules.json'),
  ]);
  const modules = chain?.entries.map(([, value]) => moduleOf(value));
  const known = { config, sentences, modules };
  const metadata = new Map(Object.entries(source.properties ?? {}));
  const isOfUltralytics = isUltralytics(metadata);
  const byFiles = isOfUltralytics ? ultralyticsType(metadata, signature) : await findType(files, known);
  const found = settings.type === undefined ? byFiles : ofSettings(settings.type);
  if (found === undefined) return undefined;
  if ('off' in found) return found;
  if (files.problems.length > 0) return { off: `${files.problems.join('; ')}; save it again` };
  const facts = isImageTask(found.type)
    ? await deriveImageTask({ files, signature, metadata, config, settings, image, detection, found, isOfUltralytics })
    : await deriveTextTask({ files, signature, settings, known, found });
  return files.problems.length > 0 ? { off: `${files.problems.join('; ')}; save it again` } : facts;
}

const ofSettings = (type: NonNullable<TaskSettings['type']>) => ({ type, origin: modelJson }) as const;

const modelJson = 'model.json: task';

function moduleOf(value: unknown): Module {
  const { type = '', path = '' } = (value ?? {}) as { readonly type?: unknown; readonly path?: unknown };
  return { kind: String(type).split('.').at(-1) as string, path: String(path) };
}
