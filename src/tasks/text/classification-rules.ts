import type { ScoreFunction } from '../../core/task.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { JsonFile } from '../model-files.js';
import { crossEncoderFunction } from '../task-type.js';
import { type Derived, describeOutputs, outputOf, TaskOff, type TextTaskSource } from './text-task-source.js';

/** From logits to labels and scores, for whole texts, pairs and tokens. */
export async function classificationRules(source: TextTaskSource): Promise<Derived> {
  const { signature, known, found, settings } = source;
  const isOfTokens = found.type === 'token-classification';
  const spec = outputOf(signature, settings.output === undefined ? ['logits'] : [settings.output], isOfTokens ? 3 : 2);
  if (spec === undefined) {
    throw new TaskOff(
      `none of the graph's outputs is known to hold logits (${describeOutputs(signature)}); name it by "output" of "task" in model.json`,
    );
  }
  const output = [spec.name, 'the graph'] as const;
  const labels = labelsOf(known.config, spec);
  if (isOfTokens) {
    return {
      output,
      labels,
      scores: ['softmax', 'the default'],
      aggregation: ['none', 'the default'],
      ignoreLabels: [['O'], 'the default'],
    };
  }
  const scores = scoresOf(source, labels[0]?.length ?? 1);
  return found.type === 'rerank' ? { output, scores } : { output, labels, scores };
}

function labelsOf(
  config: JsonFile | undefined,
  { name, shape }: ModelSignature['outputs'][number],
): NonNullable<Derived['labels']> {
  const width = shape?.at(-1);
  const named = config?.object('id2label');
  const count = typeof width === 'number' ? width : (named?.entries.length ?? config?.number('num_labels'));
  if (count === undefined) {
    throw new TaskOff(`neither config.json nor the graph's output "${name}" tells how many labels there are`);
  }
  const labels = Array.from({ length: count }, (_, index) => named?.text(String(index)) ?? `LABEL_${index}`);
  return [labels, named === undefined ? 'the graph' : `${named.name}: id2label`];
}

/** As transformers' pipelines choose it; a cross-encoder's own function counts for more. */
function scoresOf({ known, found }: TextTaskSource, count: number): NonNullable<Derived['scores']> {
  const { config } = known;
  const own = crossEncoderFunction(known);
  if (own !== undefined) return [functionNamed(own.value), own.origin];
  const problem = config?.text('problem_type');
  const origin = `${config?.name}: problem_type`;
  if (found.type === 'rerank') return ['sigmoid', 'the default'];
  if (problem === 'regression') return ['none', origin];
  if (problem === 'multi_label_classification') return ['sigmoid', origin];
  if (count === 1) return ['sigmoid', 'it has one label'];
  if (problem === 'single_label_classification') return ['softmax', origin];
  return ['softmax', 'it has several labels'];
}

/** By the last word of a class of PyTorch. */
function functionNamed(path: string): ScoreFunction {
  const word = path.split('.').at(-1)?.toLowerCase() ?? '';
  if (word === 'sigmoid' || word === 'softmax') return word;
  if (word === 'identity') return 'none';
  throw new TaskOff(`the activation function ${path} is not known; expected Sigmoid, Softmax or Identity`);
}
