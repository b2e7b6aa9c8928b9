import { scoreFunctions, type TaskPlan } from '../../core/task.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import { bestLabels, labelOutputs } from '../best-labels.js';
import { ParameterReader, type TaskParameters } from '../parameters.js';
import { scoresOf } from './scores.js';
import type { HeadCall, HeadRow, TextHead } from './text-head.js';

/** From a row of logits to labels and their scores: the best one, or the best `top_k`. */
export class ClassificationHead implements TextHead<Float32Array> {
  readonly outputs = labelOutputs;
  readonly pairs = 'may';
  readonly needsDetails = false;
  readonly #settings: TaskPlan['settings'];

  constructor(settings: TaskPlan['settings']) {
    this.#settings = settings;
  }

  begin(parameters: TaskParameters): HeadCall<Float32Array> {
    const { labels = [], scores = 'softmax' } = this.#settings;
    const reader = new ParameterReader(parameters);
    const how = reader.choice('function_to_apply', scoreFunctions) ?? scores;
    const topK = reader.count('top_k');
    const truncates = reader.truth('truncate') ?? true;
    reader.finish();
    return {
      wishes: { truncates },
      row: (row) => scoresOf(logitsOf(row), how),
      outputsOf: (rows) =>
        bestLabels(
          rows.map(([row]) => row as Float32Array),
          labels,
          topK,
        ),
    };
  }
}

/** From a row of one logit to the score of a pair. */
export class RerankHead implements TextHead<number> {
  readonly outputs: readonly TensorSpec[] = [{ name: 'score', dataType: 'FP32', shape: [null] }];
  readonly pairs = 'must';
  readonly needsDetails = false;
  readonly #settings: TaskPlan['settings'];

  constructor(settings: TaskPlan['settings']) {
    this.#settings = settings;
  }

  begin(parameters: TaskParameters): HeadCall<number> {
    const reader = new ParameterReader(parameters);
    const how = reader.truth('raw_scores') === true ? 'none' : (this.#settings.scores ?? 'sigmoid');
    const truncates = reader.truth('truncate') ?? true;
    reader.finish();
    return {
      wishes: { truncates },
      row: (row) => scoresOf(logitsOf(row), how)[0] as number,
      outputsOf: (rows): readonly NamedTensor[] => {
        const data = Float32Array.from(rows, ([score]) => score as number);
        return [{ name: 'score', dataType: 'FP32', shape: [rows.length], data }];
      },
    };
  }
}

const logitsOf = ({ values, width }: HeadRow): Float32Array =>
  Float32Array.from({ length: width }, (_, at) => values[at] as number);
