import type { Candidate } from './detection.js';

export interface SuppressionOptions {
  readonly iou: number;
  readonly maxDetections: number;
  /** Boxes of different classes leave each other out, too. */
  readonly agnostic: boolean;
  readonly isOriented: boolean;
}

/** More are not compared with each other, and the ones with the lowest scores are left out. */
const mostCompared = 30_000;

/** The best first; equal scores stay in their order. */
export const byScore = <Item extends { readonly score: number }>(items: readonly Item[]): Item[] =>
  [...items].sort((a, b) => b.score - a.score);

/**
 * Of boxes that overlap by more than `iou` only the best one stays: greedily, but for oriented boxes, where one is left out
 * for any better one that overlaps with it, itself left out or not.
 */
export function suppressOverlaps(candidates: readonly Candidate[], options: SuppressionOptions): Candidate[] {
  const { iou, maxDetections, agnostic, isOriented } = options;
  const sorted = byScore(candidates).slice(0, mostCompared);
  const kept: Candidate[] = [];
  const compared = isOriented ? sorted : kept;
  for (const [index, candidate] of sorted.entries()) {
    if (kept.length === maxDetections) break;
    let isFree = true;
    const count = isOriented ? index : compared.length;
    for (let other = 0; other < count && isFree; other++) {
      const better = compared[other] as Candidate;
      if (!agnostic && better.class !== candidate.class) continue;
      isFree = isOriented ? orientedOverlap(better, candidate) < iou : overlap(better.box, candidate.box) <= iou;
    }
    if (isFree) kept.push(candidate);
  }
  return kept;
}

type Numbers4 = readonly [number, number, number, number];

/** Intersection over union. */
export function overlap(a: Numbers4, b: Numbers4): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common);
}

const epsilon = 1e-7;

/** How alike two oriented boxes are as normal distributions: 1 − their Hellinger distance (arXiv:2106.06072). */
export function orientedOverlap(one: Candidate, other: Candidate): number {
  const [a1, b1, c1] = covariance(one);
  const [a2, b2, c2] = covariance(other);
  const [dx, dy] = [other.box[0] - one.box[0], one.box[1] - other.box[1]];
  const [a, b, c] = [a1 + a2, b1 + b2, c1 + c2];
  const determinant = a * b - c * c;
  const nearness = (0.25 * (a * dy * dy + b * dx * dx)) / (determinant + epsilon);
  const direction = (0.5 * c * dx * dy) / (determinant + epsilon);
  const own = Math.sqrt(Math.max(a1 * b1 - c1 * c1, 0) * Math.max(a2 * b2 - c2 * c2, 0));
  const shape = 0.5 * Math.log(determinant / (4 * own + epsilon) + epsilon);
  const distance = Math.min(Math.max(nearness + direction + shape, epsilon), 100);
  return 1 - Math.sqrt(1 - Math.exp(-distance) + epsilon);
}

function covariance({ box: [, , width, height], rest }: Candidate): readonly [number, number, number] {
  const angle = rest.at(-1) ?? 0;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [along, across] = [(width * width) / 12, (height * height) / 12];
  return [along * cos * cos + across * sin * sin, along * sin * sin + across * cos * cos, (along - across) * cos * sin];
}
