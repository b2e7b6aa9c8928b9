import { invalidArgument } from '../../core/serving-error.js';
import { aggregationStrategies, type TaskPlan } from '../../core/task.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import { ParameterReader, type TaskParameters } from '../parameters.js';
import {
  type Entity,
  findEntities,
  type ScoredToken,
  scoredTokens,
  type TokenLogits,
  type TokenRules,
} from './entities.js';
import type { HeadCall, HeadRow, TextHead } from './text-head.js';

const offsetUnits = ['code_points', 'utf16'] as const;
/** Of the shortest window: room for special tokens, and for something new in each. */
const freeTokens = 4;

/** From a row of logits for each token to the entities of a text, as JSON. */
export class TokenClassificationHead implements TextHead<TokenLogits> {
  readonly outputs: readonly TensorSpec[] = [{ name: 'entities', dataType: 'BYTES', shape: [null], content: 'json' }];
  readonly pairs = 'no';
  readonly needsDetails = true;
  readonly #settings: TaskPlan['settings'];
  readonly #rules: TokenRules;

  constructor(settings: TaskPlan['settings'], rules: TokenRules) {
    this.#settings = settings;
    this.#rules = rules;
  }

  begin(parameters: TaskParameters): HeadCall<TokenLogits> {
    const { labels = [], maxTokens = Number.POSITIVE_INFINITY } = this.#settings;
    const reader = new ParameterReader(parameters);
    const aggregation =
      reader.choice('aggregation_strategy', aggregationStrategies) ?? this.#settings.aggregation ?? 'none';
    const ignoreLabels = reader.texts('ignore_labels') ?? this.#settings.ignoreLabels ?? [];
    const stride = reader.count('stride', 0);
    const units = reader.choice('offsets', offsetUnits) ?? 'code_points';
    const truncates = reader.truth('truncate') ?? true;
    reader.finish();
    if (stride !== undefined && stride > maxTokens - freeTokens) {
      throw invalidArgument(`parameters: stride: expected up to ${maxTokens - freeTokens}, got ${stride}`);
    }
    return {
      wishes: { truncates, stride },
      row: logitsOf,
      outputsOf: async (rows, texts, join) => {
        const points = texts.map((text) => [...text]);
        const tokens = rows.map((windows, text) => windows.map((row) => this.#tokens(row, points[text] as string[])));
        const found = await findEntities(tokens, { labels, aggregation, ignoreLabels }, join);
        const data = found.map((entities, text) => {
          const places = units === 'utf16' ? utf16Places(points[text] as string[]) : undefined;
          return JSON.stringify(entities.map((entity) => entityJson(entity, aggregation === 'none', places)));
        });
        return [{ name: 'entities', dataType: 'BYTES', shape: [data.length], data }];
      },
    };
  }

  #tokens(row: TokenLogits, text: readonly string[]): ScoredToken[] {
    return scoredTokens(row, text, this.#rules);
  }
}

/** A copy: what fills the row up is left behind. */
function logitsOf({ values, width, sequence, from }: HeadRow): TokenLogits {
  const start = from * width;
  const logits = Float32Array.from({ length: sequence.ids.length * width }, (_, at) => values[start + at] as number);
  return { logits, width, sequence };
}

/** As transformers' pipelines give it. Scores with as many digits as a float32 has. */
function entityJson(entity: Entity, isToken: boolean, places: readonly number[] | undefined): object {
  const { label, score, index, word } = entity;
  const [start, end] = [entity.start, entity.end].map((at) => places?.[at] ?? at);
  return {
    [isToken ? 'entity' : 'entity_group']: label,
    score: Number(score.toPrecision(8)),
    ...(isToken && { index }),
    word,
    start,
    end,
  };
}

/** Where each code point begins, and the last one ends. */
function utf16Places(points: readonly string[]): readonly number[] {
  let at = 0;
  const begins = points.map((point) => {
    const begin = at;
    at += point.length;
    return begin;
  });
  return [...begins, at];
}
