import type { DetectionKind, DetectionLayout, DetectionPlan } from '../../../core/detection-plan.js';
import type { DerivedImage } from '../../../core/image-plan.js';
import type { ScoreFunction, TaskType } from '../../../core/task.js';
import type { ModelSignature, TensorSpec } from '../../../core/tensor-spec.js';
import { TaskOff } from '../../task-off.js';
import { type PythonValue, readPythonLiteral } from './python-literal.js';

/** What an Ultralytics export, or one of YOLOv5's own, says of itself. */
export interface UltralyticsFacts {
  readonly labels: readonly string[];
  readonly image: DerivedImage;
  /** Of a classifier. */
  readonly scores?: readonly [value: ScoreFunction, origin: string];
  readonly detection?: { readonly [Key in keyof DetectionPlan]?: readonly [value: DetectionPlan[Key], origin: string] };
}

type Metadata = ReadonlyMap<string, string>;

const said = (key: string): string => `the ONNX file: metadata ${key}`;
const byDefault = "Ultralytics' default";
const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Every export has these two. */
export const isUltralytics = (metadata: Metadata): boolean => metadata.has('names') && metadata.has('stride');

/** What the model does. */
export function ultralyticsType(
  metadata: Metadata,
  { outputs }: ModelSignature,
): { readonly type: TaskType; readonly origin: string } {
  const kind = metadata.get('task');
  const isOfClasses = kind === 'classify' || (kind === undefined && outputs[0]?.shape?.length === 2);
  const origin = said(kind === undefined ? 'names' : 'task');
  return { type: isOfClasses ? 'image-classification' : 'object-detection', origin };
}

/** Throws TaskOff where it does not tell enough. `named`: the layout that model.json names. */
export function ultralyticsFacts(
  metadata: Metadata,
  signature: ModelSignature,
  named?: DetectionLayout,
): UltralyticsFacts {
  const labels = labelsOf(metadata);
  const [input] = signature.inputs;
  const size = inputSize(input, metadata);
  const output = signature.outputs[0];
  const kind = metadata.get('task') ?? (output?.shape?.length === 2 ? 'classify' : 'detect');
  if (kind === 'classify') return classifier(metadata, labels, size);
  if (kind !== 'detect' && kind !== 'segment' && kind !== 'pose' && kind !== 'obb')
    throw new TaskOff(`the ONNX file's metadata name the task ${kind}, which is not served`);
  const { layout, origin } =
    named === undefined
      ? layoutOf(metadata, output, { kind, classes: labels.length })
      : { layout: named, origin: 'model.json' };
  const isStretched = layout === 'ultralytics-rt-detr';
  return {
    labels,
    image: {
      resize: [
        isStretched
          ? { mode: 'stretch', ...size.value, filter: 'linear' }
          : { mode: 'letterbox', ...size.value, filter: 'linear', fill: 114 },
        size.origin,
      ],
      scale: [1 / 255, byDefault],
      mean: [[0, 0, 0], byDefault],
      std: [[1, 1, 1], byDefault],
    },
    detection: {
      layout: [layout, origin],
      kind: [kind, metadata.has('task') ? said('task') : 'the graph'],
      confidence: [0.25, byDefault],
      iou: [metadata.has('task') ? 0.7 : 0.45, byDefault],
      maxDetections: [300, byDefault],
      ...(kind === 'pose' && { keypoints: [keypointsOf(metadata), said('kpt_shape')] as const }),
    },
  };
}

/** Ultralytics' own takes pictures as they are; that of YOLOv5 normalises, and says of no task. */
function classifier(metadata: Metadata, labels: readonly string[], size: InputSize): UltralyticsFacts {
  const isOwn = metadata.has('task');
  const { width, height } = size.value;
  return {
    labels,
    // The softmax is a part of Ultralytics' graphs.
    scores: [isOwn ? 'none' : 'softmax', byDefault],
    image: {
      resize: [{ mode: 'shortest', shortest: Math.min(width, height), filter: 'bilinear' }, size.origin],
      crop: [[height, width], size.origin],
      cropRounding: ['even', byDefault],
      scale: [1 / 255, byDefault],
      mean: [isOwn ? [0, 0, 0] : imageNet.mean, byDefault],
      std: [isOwn ? [1, 1, 1] : imageNet.std, byDefault],
    },
  };
}

function literal(metadata: Metadata, key: string): PythonValue | undefined {
  const text = metadata.get(key);
  if (text === undefined) return undefined;
  try {
    return readPythonLiteral(text);
  } catch (error) {
    throw new TaskOff(`the ONNX file's metadata ${key} cannot be read: ${(error as Error).message}`);
  }
}

/** By number, from 0 on; a list, or a dictionary. */
function labelsOf(metadata: Metadata): readonly string[] {
  const names = literal(metadata, 'names');
  if (Array.isArray(names)) return names.map(String);
  if (!(names instanceof Map)) throw new TaskOff("the ONNX file's metadata names are neither a dictionary nor a list");
  return Array.from({ length: names.size }, (_, index) =>
    String(names.get(index) ?? names.get(String(index)) ?? index),
  );
}

interface InputSize {
  readonly value: { readonly width: number; readonly height: number };
  readonly origin: string;
}

function inputSize(input: TensorSpec | undefined, metadata: Metadata): InputSize {
  const [height, width] = input?.shape?.slice(2) ?? [];
  if (typeof height === 'number' && typeof width === 'number')
    return { value: { width, height }, origin: `the graph: "${input?.name}"` };
  const size = literal(metadata, 'imgsz');
  const sides = typeof size === 'number' ? [size, size] : Array.isArray(size) ? size : [];
  const [high, wide] = sides;
  if (typeof high === 'number' && typeof wide === 'number')
    return { value: { width: wide, height: high }, origin: said('imgsz') };
  throw new TaskOff(
    'neither the graph nor its metadata imgsz tell how large pictures are to be; say so in "image" of model.json',
  );
}

function layoutOf(
  metadata: Metadata,
  output: TensorSpec | undefined,
  { kind, classes }: { readonly kind: DetectionKind; readonly classes: number },
): { layout: DetectionLayout; origin: string } {
  const [, first, second] = output?.shape ?? [];
  const more = { detect: 0, segment: 32, pose: kind === 'pose' ? product(keypointsOf(metadata)) : 0, obb: 1 }[kind];
  const isEndToEnd = literal(metadata, 'end2end') === true || argument(metadata, 'nms') === true;
  if (isEndToEnd) return { layout: 'yolo-end2end', origin: said('end2end') };
  if (kind === 'detect' && second === 6 && first !== 4 + classes)
    return { layout: 'yolo-end2end', origin: 'the graph' };
  const origin = `the graph: "${output?.name}"`;
  const isTransformer = /rt-?detr/i.test(metadata.get('description') ?? '');
  if (isTransformer && second === 4 + classes) return { layout: 'ultralytics-rt-detr', origin };
  // The longer axis has the anchors, and the other one tells boxes with a score of their own from those without.
  const isV8 = first === 4 + classes + more && !(typeof second === 'number' && second < first);
  const isV5 = second === 5 + classes + more && !(typeof first === 'number' && first < second);
  if (isV8 !== isV5) return { layout: isV8 ? 'yolov8' : 'yolov5', origin };
  throw new TaskOff(
    `the graph's output "${output?.name}" is no layout of YOLO that ${classes} classes fit; name it by "layout" of "detection" in model.json`,
  );
}

function argument(metadata: Metadata, name: string): PythonValue | undefined {
  const given = literal(metadata, 'args');
  return given instanceof Map ? given.get(name) : undefined;
}

function keypointsOf(metadata: Metadata): readonly [number, number] {
  const shape = literal(metadata, 'kpt_shape');
  if (Array.isArray(shape) && shape.length === 2 && shape.every((side) => typeof side === 'number'))
    return shape as unknown as readonly [number, number];
  throw new TaskOff("the ONNX file's metadata kpt_shape does not tell how many points a pose has");
}

const product = ([count, numbers]: readonly [number, number]): number => count * numbers;
