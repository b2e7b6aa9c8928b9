import type { DetectionLayout, DetectionPlan } from '../../core/detection-plan.js';
import type { DerivedImage, ImagePlan } from '../../core/image-plan.js';
import type { TaskFacts, TaskSettings, TaskType } from '../../core/task.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { JsonFile, ModelFiles } from '../model-files.js';
import { TaskOff } from '../task-off.js';
import { type ImageInputs, imageInputs, requireFit, requireLengths } from './image-input.js';
import { huggingFaceImage } from './plan/hugging-face-image.js';
import { timmImage } from './plan/timm-image.js';
import { ultralyticsFacts } from './plan/ultralytics.js';

export interface ImageTaskSource {
  readonly files: ModelFiles;
  readonly signature: ModelSignature;
  /** The file's own properties. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly config: JsonFile | undefined;
  /** What `model.json` says. */
  readonly settings: TaskSettings;
  readonly image: Partial<ImagePlan>;
  readonly detection: Partial<DetectionPlan>;
  readonly found: { readonly type: TaskType; readonly origin: string };
  readonly isOfUltralytics: boolean;
}

type Origin<Value> = readonly [value: Value, origin: string];
type DerivedDetection = { readonly [Key in keyof DetectionPlan]?: Origin<DetectionPlan[Key]> };

interface Derived {
  readonly settings: { readonly [Key in keyof TaskSettings]?: Origin<TaskSettings[Key]> };
  readonly image: DerivedImage;
  readonly detection?: DerivedDetection;
}

const byDefault = 'the default';
const byModelJson = 'model.json';
const plain = ({ colors, pixels }: ImageInputs): DerivedImage => ({
  scale: [1 / 255, byDefault],
  mean: [new Array<number>(colors).fill(0), byDefault],
  std: [new Array<number>(colors).fill(1), byDefault],
  color: colors === 1 ? ['grey', `the graph: "${pixels.name}"`] : ['RGB', byDefault],
});

/** A task that takes pictures: the settings of `model.json`, and what the files say for the others. */
export async function deriveImageTask(source: ImageTaskSource): Promise<TaskFacts> {
  try {
    const inputs = imageInputs(source.signature);
    const derived = source.isOfUltralytics ? ofUltralytics(source) : await ofHuggingFace(source);
    const layout = [inputs.layout, `the graph: "${inputs.pixels.name}"`] as const;
    const settings = merged<TaskSettings>(
      { type: [source.found.type, source.found.origin], ...derived.settings },
      source.settings,
    );
    const image = merged<ImagePlan>({ ...plain(inputs), ...derived.image, layout }, source.image, 'image.');
    requireLengths(image.values);
    requireFit(inputs, image.values);
    const detection =
      source.found.type === 'object-detection'
        ? merged<DetectionPlan>(derived.detection ?? {}, source.detection, 'detection.')
        : undefined;
    return {
      plan: {
        settings: { ...settings.values, type: source.found.type },
        image: image.values,
        ...(detection && { detection: detection.values }),
        origins: { ...settings.origins, ...image.origins, ...detection?.origins },
        notes: [],
      },
    };
  } catch (error) {
    if (!(error instanceof TaskOff)) throw error;
    return { off: error.message };
  }
}

/** What model.json says counts for more. */
function merged<Values extends object>(
  derived: { readonly [Key in keyof Values]?: Origin<Values[Key]> },
  said: Partial<Values>,
  prefix = '',
): { readonly values: Values; readonly origins: Readonly<Record<string, string>> } {
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const [key, [value, origin]] of Object.entries(derived) as [string, Origin<unknown>][]) {
    values[key] = value;
    origins[prefix + key] = origin;
  }
  for (const [key, value] of Object.entries(said)) {
    values[key] = value;
    origins[prefix + key] = byModelJson;
  }
  return { values: values as Values, origins };
}

function ofUltralytics({ metadata, signature, detection }: ImageTaskSource): Derived {
  const facts = ultralyticsFacts(metadata, signature, detection.layout);
  const output = signature.outputs[0]?.name;
  return {
    settings: {
      labels: [facts.labels, 'the ONNX file: metadata names'],
      ...(output !== undefined && { output: [output, 'the graph'] as const }),
      ...(facts.scores && { scores: facts.scores }),
    },
    image: facts.image,
    ...(facts.detection && { detection: facts.detection }),
  };
}

async function ofHuggingFace({
  files,
  signature,
  config,
  found,
  settings,
  image: said,
}: ImageTaskSource): Promise<Derived> {
  const isTimm = config?.has('pretrained_cfg') === true;
  const processor = await processorFile(files);
  const image =
    processor === undefined && isTimm ? timmImage(config as JsonFile) : huggingFaceOf(processor, config, said);
  if (found.type === 'object-detection')
    return { settings: labelsOf(config, signature), image, detection: detrPlan(config, signature) };
  const output = outputOf(signature, settings.output ?? 'logits', 2);
  return {
    settings: { output: [output.name, 'the graph'], ...labelsOf(config, signature), scores: scoresOf(config, isTimm) },
    image,
  };
}

async function processorFile(files: ModelFiles): Promise<JsonFile | undefined> {
  return (
    (await files.json('preprocessor_config.json')) ??
    (await files.json('processor_config.json'))?.object('image_processor')
  );
}

function huggingFaceOf(
  processor: JsonFile | undefined,
  config: JsonFile | undefined,
  said: Partial<ImagePlan>,
): DerivedImage {
  if (processor !== undefined) return huggingFaceImage(processor, config);
  // All that there is to say stands in model.json.
  if (said.resize !== undefined) return {};
  throw new TaskOff(
    'preprocessor_config.json is missing: save it beside the model with image_processor.save_pretrained, or name at least "resize" in "image" of model.json',
  );
}

function outputOf({ outputs }: ModelSignature, name: string, rank: number) {
  const named = outputs.find((output) => output.name === name);
  const ofRank = outputs.filter(({ shape }) => shape?.length === rank);
  const output = named ?? (ofRank.length === 1 ? ofRank[0] : undefined);
  if (output !== undefined) return output;
  throw new TaskOff(
    `none of the graph's outputs (${outputs.map((one) => `"${one.name}"`).join(', ')}) is known to hold ${name}; name it by "output" of "task" in model.json`,
  );
}

function labelsOf(config: JsonFile | undefined, { outputs }: ModelSignature): Derived['settings'] {
  const named = config?.object('id2label');
  if (named !== undefined) {
    const labels = named.entries.map((_, index) => named.text(String(index)) ?? `LABEL_${index}`);
    return { labels: [labels, 'config.json: id2label'] };
  }
  const names = config?.texts('label_names');
  if (names !== undefined) return { labels: [names, 'config.json: label_names'] };
  const width = outputs.find(({ name }) => name === 'logits')?.shape?.at(-1) ?? outputs[0]?.shape?.at(-1);
  const count = typeof width === 'number' ? width : 0;
  return { labels: [Array.from({ length: count }, (_, index) => `LABEL_${index}`), 'the graph'] };
}

/** As transformers' pipelines choose it. */
function scoresOf(config: JsonFile | undefined, isTimm: boolean): NonNullable<Derived['settings']['scores']> {
  if (isTimm) return ['softmax', "timm's default"];
  const problem = config?.text('problem_type');
  if (problem === 'multi_label_classification') return ['sigmoid', 'config.json: problem_type'];
  if (config?.object('id2label')?.entries.length === 1) return ['sigmoid', 'it has one label'];
  return ['softmax', problem === undefined ? 'it has several labels' : 'config.json: problem_type'];
}

/** Families by the model's type; the others are of the first one's kind. */
const layouts: Readonly<Record<string, DetectionLayout>> = {
  detr: 'detr',
  yolos: 'detr',
  table_transformer: 'detr',
  'table-transformer': 'detr',
  conditional_detr: 'deformable-detr',
  deformable_detr: 'deformable-detr',
  lw_detr: 'deformable-detr',
  rt_detr: 'rt-detr',
  rt_detr_v2: 'rt-detr',
  d_fine: 'rt-detr',
  deimv2: 'rt-detr',
  rf_detr: 'rt-detr',
};

function detrPlan(config: JsonFile | undefined, { outputs }: ModelSignature): DerivedDetection {
  for (const name of ['logits', 'pred_boxes'])
    if (!outputs.some((output) => output.name === name))
      throw new TaskOff(`the graph has no output "${name}"; export the model with optimum's names`);
  const modelType = config?.text('model_type') ?? '';
  if (!Object.hasOwn(layouts, modelType))
    throw new TaskOff(
      `detections of a ${modelType || 'model without model_type'} are not known; name their "layout" in "detection" of model.json`,
    );
  return {
    layout: [layouts[modelType] as DetectionLayout, 'config.json: model_type'],
    kind: ['detect', byDefault],
    confidence: [0.5, byDefault],
    // Nothing is left out for overlapping.
    iou: [1, byDefault],
    maxDetections: [300, byDefault],
  };
}
