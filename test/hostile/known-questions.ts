import { mlp } from '../../bench/recipes/mlp.js';
import { InProcessEngine } from '../rows/in-process-engine.js';
import type { Random } from '../support/random.js';
import type { RawAnswer } from './answer-reader.js';
import { text } from './judge.js';

/** A prediction whose right answer is known. */
export interface KnownQuestion {
  readonly target: string;
  readonly body: string;
  readonly fault: (answer: RawAnswer) => string | undefined;
}

const count = 64;

/** Predictions of the model that a bare engine was asked for, too. */
export async function knownQuestions(model: string, random: Random): Promise<KnownQuestion[]> {
  const engine = await InProcessEngine.load(mlp());
  const questions: KnownQuestion[] = [];
  while (questions.length < count) {
    const data = random.uniform(4, 2);
    const { probabilities } = await engine.run({ x: { dataType: 'FP32', shape: [1, 4], data } });
    const expected = Array.from(probabilities?.data as Float32Array);
    questions.push(...inBothProtocols(model, Array.from(data), expected));
  }
  await engine.release();
  return questions;
}

function inBothProtocols(model: string, row: readonly number[], expected: readonly number[]): KnownQuestion[] {
  return [
    {
      target: `/v1/models/${model}/predict`,
      body: JSON.stringify({ instances: [row] }),
      fault: (answer) => fault(answer, expected, (body) => (body as { predictions: number[][] }).predictions[0]),
    },
    {
      target: `/v2/models/${model}/infer`,
      body: JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: row }] }),
      fault: (answer) =>
        fault(answer, expected, (body) => (body as { outputs: { data: number[] }[] }).outputs[0]?.data),
    },
  ];
}

function fault(
  answer: RawAnswer,
  expected: readonly number[],
  valuesIn: (body: unknown) => readonly number[] | undefined,
): string | undefined {
  if (answer.status !== 200) return `${answer.status} where the prediction is expected: ${text(answer).slice(0, 300)}`;
  const values = valuesIn(JSON.parse(text(answer)));
  const isRight =
    values?.length === expected.length &&
    values.every((value, at) => Math.abs(value - (expected[at] as number)) < 1e-4);
  return isRight ? undefined : `predicted ${values}, expected ${expected}`;
}
