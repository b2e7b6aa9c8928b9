import type { ScoreFunction } from '../../core/task.js';

/** The scores of one row of logits. */
export function scoresOf(logits: ArrayLike<number>, how: ScoreFunction): Float32Array {
  const values = Float32Array.from(logits);
  if (how === 'none') return values;
  if (how === 'sigmoid') return values.map((value) => 1 / (1 + Math.exp(-value)));
  const most = values.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(values, (value) => Math.exp(value - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

/** Positions of the scores, the largest first; equal ones in their order. */
export const ranked = (scores: ArrayLike<number>): number[] =>
  Array.from(scores, (_, index) => index).sort((a, b) => (scores[b] as number) - (scores[a] as number));
