import type { DetectionLayout } from '../../core/detection-plan.js';
import type { Candidate } from './detection.js';

/** A row of an output: [first, second]. */
export interface Matrix {
  readonly data: ArrayLike<number>;
  readonly shape: readonly [number, number];
}

export interface CandidateOptions {
  readonly layout: DetectionLayout;
  readonly classes: number;
  readonly confidence: number;
  /** Boxes stay as middle and size. */
  readonly isOriented: boolean;
}

/** Those that score more than `confidence`, each with its best class, in the order of the output. Reads every number once. */
export function yoloCandidates(output: Matrix, options: CandidateOptions): Candidate[] {
  return options.layout === 'yolo-end2end' ? endToEnd(output, options) : anchors(output, options);
}

function endToEnd({ data, shape: [rows, width] }: Matrix, { confidence }: CandidateOptions): Candidate[] {
  const candidates: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    const score = data[at + 4] as number;
    if (!(score > confidence)) continue;
    candidates.push({
      class: Math.trunc(data[at + 5] as number),
      score,
      // An oriented box comes as middle and size here, too.
      box: boxAt(data, at, 1),
      rest: restAt(data, at + 6, width - 6, 1),
    });
  }
  return candidates;
}

function anchors({ data, shape }: Matrix, options: CandidateOptions): Candidate[] {
  const { layout, classes, confidence, isOriented } = options;
  const isV8 = layout === 'yolov8';
  const [count, channels] = isV8 ? [shape[1], shape[0]] : shape;
  const [step, stride] = isV8 ? [1, count] : [channels, 1];
  const first = layout === 'yolov5' ? 5 : 4;
  const { scores, best } = isV8
    ? bestOfColumns(data, { count, classes, first })
    : bestOfRows(data, { count, channels, classes, first });
  const candidates: Candidate[] = [];
  for (let anchor = 0; anchor < count; anchor++) {
    const at = anchor * step;
    const sureness = layout === 'yolov5' ? (data[at + 4] as number) : 1;
    const score = (scores[anchor] as number) * sureness;
    if (!(score > confidence)) continue;
    const box = boxAt(data, at, stride);
    candidates.push({
      class: best[anchor] as number,
      score,
      box: isOriented ? box : corners(box),
      rest: restAt(data, at + (first + classes) * stride, channels - first - classes, stride),
    });
  }
  return candidates;
}

interface Best {
  readonly scores: Float32Array;
  readonly best: Uint16Array;
}

/** A class's scores lie side by side: class by class, so that memory is gone through in its order. */
function bestOfColumns(
  data: ArrayLike<number>,
  { count, classes, first }: { count: number; classes: number; first: number },
): Best {
  const scores = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  const best = new Uint16Array(count);
  for (let label = 0; label < classes; label++) {
    const from = (first + label) * count;
    for (let anchor = 0; anchor < count; anchor++) {
      const score = data[from + anchor] as number;
      if (score > (scores[anchor] as number)) {
        scores[anchor] = score;
        best[anchor] = label;
      }
    }
  }
  return { scores, best };
}

function bestOfRows(
  data: ArrayLike<number>,
  { count, channels, classes, first }: { count: number; channels: number; classes: number; first: number },
): Best {
  const scores = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  const best = new Uint16Array(count);
  for (let anchor = 0; anchor < count; anchor++) {
    const from = anchor * channels + first;
    for (let label = 0; label < classes; label++) {
      const score = data[from + label] as number;
      if (score > (scores[anchor] as number)) {
        scores[anchor] = score;
        best[anchor] = label;
      }
    }
  }
  return { scores, best };
}

const boxAt = (data: ArrayLike<number>, at: number, stride: number): [number, number, number, number] => [
  data[at] as number,
  data[at + stride] as number,
  data[at + 2 * stride] as number,
  data[at + 3 * stride] as number,
];

const corners = ([x, y, width, height]: readonly [number, number, number, number]): [
  number,
  number,
  number,
  number,
] => [x - width / 2, y - height / 2, x + width / 2, y + height / 2];

const restAt = (data: ArrayLike<number>, at: number, count: number, stride: number): Float32Array =>
  Float32Array.from({ length: Math.max(count, 0) }, (_, index) => data[at + index * stride] as number);
