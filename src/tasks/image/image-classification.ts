import { scoreFunctions, type TaskPlan } from '../../core/task.js';
import { bestLabels, labelOutputs } from '../best-labels.js';
import { ParameterReader, type TaskParameters } from '../parameters.js';
import { scoresOf } from '../text/scores.js';
import { type ImageHead, type ImageHeadCall, numbersOf } from './image-head.js';

/** From a row of logits to labels and their scores. */
export class ImageClassificationHead implements ImageHead<Float32Array> {
  readonly outputs = labelOutputs;
  readonly reads: readonly string[];
  readonly #settings: TaskPlan['settings'];

  constructor(settings: TaskPlan['settings']) {
    this.#settings = settings;
    this.reads = [settings.output as string];
  }

  begin(parameters: TaskParameters): ImageHeadCall<Float32Array> {
    const { labels = [], scores = 'softmax', output } = this.#settings;
    const reader = new ParameterReader(parameters);
    const how = reader.choice('function_to_apply', scoreFunctions) ?? scores;
    const topK = reader.count('top_k');
    reader.finish();
    return {
      row: (row) => scoresOf(numbersOf(row, output as string).data, how),
      outputsOf: (rows) => bestLabels(rows, labels, topK),
    };
  }
}
