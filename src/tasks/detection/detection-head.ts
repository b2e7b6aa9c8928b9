import type { DetectionPlan } from '../../core/detection-plan.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { TaskPlan } from '../../core/task.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import { type ImageHead, type ImageHeadCall, type ImageRow, numbersOf } from '../image/image-head.js';
import { ParameterReader, type TaskParameters } from '../parameters.js';
import type { Detection } from './detection.js';
import { type DetectionOutputs, type DetectionWishes, detections } from './detections.js';
import { PictureFrame } from './picture-frame.js';
import type { Matrix } from './yolo-candidates.js';

interface DetectionRow {
  readonly detections: readonly Detection[];
  readonly image: { readonly width: number; readonly height: number };
}

/** The things in a picture, and how large it is. */
export class DetectionHead implements ImageHead<DetectionRow> {
  readonly outputs: readonly TensorSpec[] = [
    { name: 'detections', dataType: 'BYTES', shape: [null], content: 'json' },
    { name: 'image', dataType: 'BYTES', shape: [null], content: 'json' },
  ];
  readonly reads: readonly string[];
  readonly #plan: DetectionPlan;
  readonly #labels: readonly string[];
  readonly #isLetterboxed: boolean;

  constructor({ settings, detection, image }: TaskPlan, outputs: readonly TensorSpec[]) {
    this.#plan = detection as DetectionPlan;
    this.#labels = settings.labels ?? [];
    this.#isLetterboxed = image?.resize?.mode === 'letterbox';
    const isDetr = outputs.some(({ name }) => name === 'pred_boxes');
    this.reads = isDetr ? ['logits', 'pred_boxes'] : this.#yoloOutputs(outputs);
  }

  begin(parameters: TaskParameters): ImageHeadCall<DetectionRow> {
    const wishes = this.#wishes(new ParameterReader(parameters));
    return {
      row: (row) => ({
        detections: detections(this.#read(row), wishes, new PictureFrame(row.size, row.placement, this.#isLetterboxed)),
        image: { width: row.size.width, height: row.size.height },
      }),
      outputsOf: (rows) => [
        {
          name: 'detections',
          dataType: 'BYTES',
          shape: [rows.length],
          data: rows.map((row) => JSON.stringify(row.detections)),
        },
        { name: 'image', dataType: 'BYTES', shape: [rows.length], data: rows.map((row) => JSON.stringify(row.image)) },
      ],
    };
  }

  /** The boxes, and with masks the prototypes, which have three axes behind that of rows. */
  #yoloOutputs(outputs: readonly TensorSpec[]): readonly string[] {
    const prototypes = this.#plan.kind === 'segment' ? outputs.find(({ shape }) => shape?.length === 4) : undefined;
    const boxes = outputs.find((output) => output !== prototypes);
    return [boxes, prototypes].flatMap((output) => (output === undefined ? [] : [output.name]));
  }

  #wishes(reader: ParameterReader): DetectionWishes {
    const confidence = reader.part('confidence') ?? reader.part('threshold');
    const iou = reader.part('iou');
    const maxDetections = reader.count('maxDetections');
    const classes = reader.texts('classes');
    reader.finish();
    const labels = this.#labels;
    const plan = this.#plan;
    return {
      plan: {
        ...plan,
        confidence: confidence ?? plan.confidence,
        iou: iou ?? plan.iou,
        maxDetections: maxDetections ?? plan.maxDetections,
      },
      labels,
      ...(classes && { classes: new Set(classes.map((name) => classNamed(name, labels))) }),
    };
  }

  #read(row: ImageRow): DetectionOutputs {
    const [main, second] = this.reads as readonly [string, string?];
    const boxes = numbersOf(row, main);
    if (second === undefined) return { main: matrix(boxes, main) };
    const more = numbersOf(row, second);
    if (this.#plan.kind !== 'segment') return { main: matrix(boxes, main), boxes: more.data };
    const { surface } = row.placement;
    return {
      main: matrix(boxes, main),
      prototypes: { data: more.data, shape: more.shape as readonly [number, number, number], input: surface },
    };
  }
}

function matrix({ data, shape }: { data: Float32Array; shape: readonly number[] }, name: string): Matrix {
  if (shape.length !== 2) throw new Error(`the output "${name}" has ${shape.length + 1} axes; detections have three`);
  return { data, shape: shape as readonly [number, number] };
}

function classNamed(name: string, labels: readonly string[]): number {
  const index = labels.indexOf(name);
  if (index >= 0) return index;
  throw invalidArgument(`parameters: classes: the model knows no ${JSON.stringify(name)}`);
}
