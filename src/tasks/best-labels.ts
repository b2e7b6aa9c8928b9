import type { NamedTensor } from '../core/tensor.js';
import type { TensorSpec } from '../core/tensor-spec.js';
import { ranked } from './text/scores.js';

/** What clients get of rows of scores. */
export const labelOutputs: readonly TensorSpec[] = [
  { name: 'label', dataType: 'BYTES', shape: [null] },
  { name: 'score', dataType: 'FP32', shape: [null] },
];

/** The best label of each row and its score, or the best `topK`. */
export function bestLabels(
  rows: readonly Float32Array[],
  labels: readonly string[],
  topK: number | undefined,
): readonly NamedTensor[] {
  const best = rows.map((scores) => ranked(scores).slice(0, topK ?? 1));
  const shape = topK === undefined ? [rows.length] : [rows.length, best[0]?.length ?? 0];
  const names = best.flatMap((places) => places.map((place) => labels[place] ?? `LABEL_${place}`));
  const values = best.flatMap((places, row) => places.map((place) => rows[row]![place]!));
  return [
    { name: 'label', dataType: 'BYTES', shape, data: names },
    { name: 'score', dataType: 'FP32', shape, data: Float32Array.from(values) },
  ];
}
