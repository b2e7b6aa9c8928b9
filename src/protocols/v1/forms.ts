import type { NonFinite } from '../../codecs/json-writer.js';
import { dataBytes, type NamedTensor } from '../../core/tensor.js';
import type { CallContent } from '../http/inference-call.js';
import type { HttpAnswer, InferenceForm, Results } from '../http/inference-form.js';
import { nonFiniteChoice } from '../non-finite.js';
import { scoresOf, writeClasses } from './classify-response.js';
import { readExamplesRequest } from './examples-request.js';
import { readPredictRequest } from './predict-request.js';
import { writeOutputs, writePredictions } from './predict-response.js';
import { valuesOf, writeValues } from './regress-response.js';

interface PredictWishes {
  /** How many rows were sent in row form; absent for the column form. */
  readonly rows: number | undefined;
  readonly nonFinite: NonFinite;
}

interface ExamplesWishes {
  readonly count: number;
  readonly nonFinite: NonFinite;
}

export interface V1Forms {
  readonly predict: InferenceForm<PredictWishes>;
  readonly classify: InferenceForm<ExamplesWishes>;
  readonly regress: InferenceForm<ExamplesWishes>;
}

const headers = { 'content-type': 'application/json' };
const json = (body: HttpAnswer['body']): HttpAnswer => ({ body, headers });

/** All of it is JSON, both ways. */
const sizes = {
  readingBytes: ({ body }: CallContent): number => body.length,
  writingBytes: (_wishes: unknown, { outputs }: Results): number =>
    outputs.reduce((sum, { data }) => sum + dataBytes(data), 0),
};

/** The three calls; `fallback` is the server's own choice for NaN and infinities. */
export function v1Forms(fallback: NonFinite): V1Forms {
  const choose = ({ query }: CallContent, parameter: unknown): NonFinite =>
    nonFiniteChoice([query.non_finite, parameter], fallback);
  return {
    predict: {
      ...sizes,
      name: 'v1 predict',
      read: (call, { signature }) => {
        const { inputs, rows, nonFinite } = readPredictRequest(call.body, signature);
        return { inputs, wishes: { rows, nonFinite: choose(call, nonFinite) } };
      },
      write: ({ rows, nonFinite }, { outputs }, { signature }) => {
        const answer = { outputs, signature };
        return json(rows === undefined ? writeOutputs(answer, nonFinite) : writePredictions(answer, rows, nonFinite));
      },
    },
    classify: {
      ...sizes,
      name: 'v1 classify',
      read: (call, { signature }) => {
        const scores = scoresOf(signature);
        const { inputs, count, nonFinite } = readExamplesRequest(call.body, signature);
        return { inputs, outputs: [scores.name], wishes: { count, nonFinite: choose(call, nonFinite) } };
      },
      write: ({ nonFinite }, { outputs }, { signature }) =>
        json(writeClasses(outputs[0] as NamedTensor, scoresOf(signature), nonFinite)),
    },
    regress: {
      ...sizes,
      name: 'v1 regress',
      read: (call, { signature }) => {
        const values = valuesOf(signature);
        const { inputs, count, nonFinite } = readExamplesRequest(call.body, signature);
        return { inputs, outputs: [values.name], wishes: { count, nonFinite: choose(call, nonFinite) } };
      },
      write: ({ count, nonFinite }, { outputs }) => json(writeValues(outputs[0] as NamedTensor, count, nonFinite)),
    },
  };
}
