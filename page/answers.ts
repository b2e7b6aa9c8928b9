import type { ModelFacts } from './model-facts.js';

export interface Label {
  readonly label: string;
  readonly score: number;
}

export interface Entity {
  readonly name: string;
  readonly score: number;
  readonly start: number;
  readonly end: number;
}

export interface Detection {
  readonly label: string;
  readonly score: number;
  readonly box: { readonly xmin: number; readonly ymin: number; readonly xmax: number; readonly ymax: number };
  readonly corners?: readonly (readonly [number, number])[];
  readonly keypoints?: readonly (readonly [number, number, number])[];
  readonly mask?: { readonly size: readonly [number, number]; readonly counts: readonly number[] };
}

/** An answer as it is shown. */
export type Shown =
  | { readonly kind: 'labels'; readonly name: string; readonly labels: readonly Label[] }
  | { readonly kind: 'entities'; readonly entities: readonly Entity[] }
  | {
      readonly kind: 'detections';
      readonly detections: readonly Detection[];
      readonly size: { readonly width: number; readonly height: number };
    }
  | { readonly kind: 'similarity'; readonly value: number; readonly dimensions: number }
  | { readonly kind: 'vector'; readonly values: readonly number[] }
  | { readonly kind: 'ranking'; readonly scores: readonly number[] }
  | { readonly kind: 'value'; readonly name: string; readonly value: string };

const mostLabels = 12;

/** The first row of an answer by its model, in pictures rather than numbers; empty where there is no better form than JSON. */
export function shownAnswer(facts: Pick<ModelFacts, 'task' | 'outputs'>, text: string): readonly Shown[] {
  let predictions: readonly unknown[];
  try {
    const answer = JSON.parse(text) as { predictions?: unknown };
    if (!Array.isArray(answer.predictions) || answer.predictions.length === 0) return [];
    predictions = answer.predictions;
  } catch {
    return [];
  }
  const [first] = predictions;
  switch (facts.task) {
    case 'text-classification':
    case 'image-classification':
      return [{ kind: 'labels', name: 'label', labels: labelsOf(first) }];
    case 'token-classification':
      return [{ kind: 'entities', entities: (first as Record<string, unknown>[]).map(entityOf) }];
    case 'object-detection': {
      const { detections, image } = first as { detections: Detection[]; image: { width: number; height: number } };
      return [{ kind: 'detections', detections, size: image }];
    }
    case 'text-embedding': {
      const [one, other] = predictions.map(vectorOf);
      if (one === undefined) return [];
      if (other === undefined) return [{ kind: 'vector', values: one }];
      return [{ kind: 'similarity', value: cosine(one, other), dimensions: one.length }];
    }
    case 'rerank':
      return [{ kind: 'ranking', scores: predictions.map(scoreOf) }];
    default:
      return outputsOf(facts, first);
  }
}

/** `{label, score}` of one label, or lists of both. */
function labelsOf(prediction: unknown): readonly Label[] {
  const { label, score } = prediction as { label: string | string[]; score: number | number[] };
  const scores = [score].flat();
  return [label].flat().map((name, at) => ({ label: String(name), score: scores[at] ?? 0 }));
}

const entityOf = ({ entity_group, entity, score, start, end }: Record<string, unknown>): Entity => ({
  name: String(entity_group ?? entity),
  score: Number(score),
  start: Number(start),
  end: Number(end),
});

const vectorOf = (prediction: unknown): readonly number[] =>
  Array.isArray(prediction) ? prediction : (prediction as { embedding: number[] }).embedding;

const scoreOf = (prediction: unknown): number =>
  typeof prediction === 'number' ? prediction : Number((prediction as { score?: unknown }).score);

export function cosine(one: readonly number[], other: readonly number[]): number {
  let [product, left, right] = [0, 0, 0];
  one.forEach((value, at) => {
    const second = other[at] ?? 0;
    product += value * second;
    left += value * value;
    right += second * second;
  });
  return left === 0 || right === 0 ? 0 : product / Math.sqrt(left * right);
}

/** Outputs of a graph: scores with their labels, single values. */
function outputsOf({ outputs }: Pick<ModelFacts, 'outputs'>, row: unknown): readonly Shown[] {
  const [only] = outputs;
  const isNamed = typeof row === 'object' && row !== null && !Array.isArray(row);
  const values = isNamed ? (row as Readonly<Record<string, unknown>>) : { [only?.name ?? 'output']: row };
  const shown: Shown[] = [];
  for (const { name, classLabels } of outputs) {
    const value = values[name];
    if (Array.isArray(value) && classLabels?.length === value.length) {
      const labels = classLabels.map((label, at) => ({ label, score: Number(value[at]) }));
      labels.sort((a, b) => b.score - a.score);
      shown.push({ kind: 'labels', name, labels: labels.slice(0, mostLabels) });
    } else if (['string', 'number', 'boolean'].includes(typeof value)) {
      shown.push({ kind: 'value', name, value: typeof value === 'number' ? numberInWords(value) : String(value) });
    }
  }
  return shown;
}

/** Seven digits are what a float has. */
export const numberInWords = (value: number): string => String(Number(value.toPrecision(7)));
