import type { DetectionLayout } from '../../core/detection-plan.js';
import type { Candidate } from './detection.js';
import { byScore } from './non-max-suppression.js';
import type { Matrix } from './yolo-candidates.js';

export type DetrLayout = Extract<DetectionLayout, 'detr' | 'deformable-detr' | 'rt-detr'>;

/** As transformers' post-processing keeps them. */
const bestOfDeformable = 100;

/** Boxes in parts of the picture, 0 to 1: those that score more than `confidence`, the best first. */
export function detrCandidates(
  logits: Matrix,
  boxes: ArrayLike<number>,
  { layout, confidence }: { readonly layout: DetrLayout; readonly confidence: number },
): Candidate[] {
  const found = layout === 'detr' ? bestOfQueries(logits) : bestOfAll(logits, layout);
  const sure = found.filter(({ score }) => score > confidence);
  return byScore(sure).map(({ query, label, score }) => {
    const [x, y, width, height] = [0, 1, 2, 3].map((index) => boxes[4 * query + index] as number) as [
      number,
      number,
      number,
      number,
    ];
    const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2] as const;
    return { class: label, score, box, rest: new Float32Array() };
  });
}

interface Found {
  readonly query: number;
  readonly label: number;
  readonly score: number;
}

/** Softmax over the classes and nothing, the last one: a class for each query. */
function bestOfQueries({ data, shape: [queries, width] }: Matrix): Found[] {
  return Array.from({ length: queries }, (_, query) => {
    const from = query * width;
    let largest = Number.NEGATIVE_INFINITY;
    let label = 0;
    for (let at = 0; at < width - 1; at++) if ((data[from + at] as number) > (data[from + label] as number)) label = at;
    for (let at = 0; at < width; at++) largest = Math.max(largest, data[from + at] as number);
    let sum = 0;
    for (let at = 0; at < width; at++) sum += Math.exp((data[from + at] as number) - largest);
    return { query, label, score: Math.exp((data[from + label] as number) - largest) / sum };
  });
}

/** A sigmoid each: the best of all queries and classes, so that a query may stand for several classes. */
function bestOfAll({ data, shape: [queries, width] }: Matrix, layout: DetrLayout): Found[] {
  const all = Array.from({ length: queries * width }, (_, index) => ({
    query: Math.floor(index / width),
    label: index % width,
    score: 1 / (1 + Math.exp(-(data[index] as number))),
  }));
  return byScore(all).slice(0, layout === 'rt-detr' ? queries : bestOfDeformable);
}
