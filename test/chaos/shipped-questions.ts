import { readShippedModels, type SampleCase, type SampleTensor } from '../models-shipped/shipped-models.js';
import type { Asker, Question } from '../support/question.js';
import type { Random } from '../support/random.js';

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** Rows `first` to `first + count` of a flat, row-major tensor. */
function rowsOf(tensor: SampleTensor, first: number, count: number): SampleTensor {
  const width = tensor.data.length / (tensor.shape[0] as number);
  return {
    ...tensor,
    shape: [count, ...tensor.shape.slice(1)],
    data: tensor.data.slice(first * width, (first + count) * width),
  };
}

function faultOf(
  expected: readonly SampleTensor[],
  { absolute, relative }: SampleCase['tolerance'],
): Question['fault'] {
  const isClose = (actual: unknown, value: number | string): boolean =>
    typeof value === 'number' && typeof actual === 'number'
      ? Math.abs(actual - value) <= absolute + relative * Math.abs(value)
      : actual === value;
  return (body) => {
    const { outputs } = body as { outputs?: Output[] };
    for (const [index, wanted] of expected.entries()) {
      const output = outputs?.[index];
      if (output?.name !== wanted.name || output.shape.join() !== wanted.shape.join()) return `no "${wanted.name}"`;
      const bad = wanted.data.findIndex((value, at) => !isClose(output.data[at], value));
      if (bad !== -1) return `"${wanted.name}" at ${bad}: expected ${wanted.data[bad]}, got ${output.data[bad]}`;
    }
    return undefined;
  };
}

function askerOf(name: string, sample: SampleCase): Asker {
  const [input] = sample.inputs as [SampleTensor];
  const total = input.shape[0] as number;
  return (random: Random) => {
    const count = random.between(1, Math.min(4, total));
    const first = random.between(0, total - count);
    const expected = sample.expected.map((output) => rowsOf(output, first, count));
    return {
      path: `/v2/models/${name}/versions/${sample.version}/infer`,
      body: JSON.stringify({
        inputs: [rowsOf(input, first, count)],
        outputs: expected.map((output) => ({ name: output.name })),
      }),
      fault: faultOf(expected, sample.tolerance),
    };
  };
}

/** One asker for each version of the shipped models: held-out rows, with what the training framework said to them. */
export const shippedQuestions = (): ReadonlyMap<string, Asker> =>
  new Map(
    readShippedModels().flatMap(({ name, cases }) =>
      cases.map((sample) => [`${name}/${sample.version}`, askerOf(name, sample)] as const),
    ),
  );
