import type { PoolingMode } from '../../core/task.js';

/** The vectors of a row's tokens, end to end; those from `from` to `to` count. */
export interface TokenVectors {
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

/** One vector of the tokens', as sentence-transformers pools them; several modes end to end. Sums are in float64. */
export function pooled(modes: readonly PoolingMode[], vectors: TokenVectors): Float32Array {
  const { width } = vectors;
  const result = new Float32Array(modes.length * width);
  for (const [index, mode] of modes.entries()) result.set(pool(mode, vectors), index * width);
  return result;
}

function pool(mode: PoolingMode, { values, width, from, to }: TokenVectors): Float64Array {
  const count = to - from;
  const result = new Float64Array(width);
  if (mode === 'cls' || mode === 'lasttoken') {
    const token = mode === 'cls' ? from : to - 1;
    if (count > 0) for (let at = 0; at < width; at++) result[at] = values[token * width + at] as number;
    return result;
  }
  if (mode === 'max') return largest({ values, width, from, to }, result);
  let weights = 0;
  for (let token = from; token < to; token++) {
    // Positions count from 1, and from the row's begin.
    const weight = mode === 'weightedmean' ? token + 1 : 1;
    weights += weight;
    const start = token * width;
    for (let at = 0; at < width; at++) result[at]! += weight * (values[start + at] as number);
  }
  const divisor = Math.max(mode === 'mean_sqrt_len' ? Math.sqrt(weights) : weights, smallestDivisor);
  for (let at = 0; at < width; at++) result[at]! /= divisor;
  return result;
}

const smallestDivisor = 1e-9;

function largest({ values, width, from, to }: TokenVectors, result: Float64Array): Float64Array {
  if (to > from) result.fill(Number.NEGATIVE_INFINITY);
  for (let token = from; token < to; token++) {
    for (let at = 0; at < width; at++)
      result[at] = Math.max(result[at] as number, values[token * width + at] as number);
  }
  return result;
}

const shortestLength = 1e-12;

/** The same vector with length 1. */
export function normalized(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.max(Math.sqrt(squares), shortestLength);
  return vector.map((value) => value / length);
}
