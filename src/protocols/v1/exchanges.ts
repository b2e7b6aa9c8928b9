import type { NonFinite } from '../../codecs/json-writer.js';
import type { ServableDescription } from '../../core/model.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { CallContent } from '../http/inference-call.js';
import type { HttpAnswer, InferenceExchange } from '../http/inference-exchange.js';
import { nonFiniteChoice } from '../non-finite.js';
import { scoresOf, writeClasses } from './classify-response.js';
import { readExamplesRequest } from './examples-request.js';
import { readPredictRequest } from './predict-request.js';
import { writeOutputs, writePredictions } from './predict-response.js';
import { valuesOf, writeValues } from './regress-response.js';

const headers = { 'content-type': 'application/json' };
const json = (body: Buffer): HttpAnswer => ({ body, headers });

/** How each of the three calls reads its request and writes its answer; `nonFinite` is the server's own choice. */
export class Exchanges {
  readonly #nonFinite: NonFinite;

  constructor(options: { nonFinite: NonFinite }) {
    this.#nonFinite = options.nonFinite;
  }

  readonly predict = (call: CallContent, { signature }: ServableDescription): InferenceExchange => {
    const { inputs, rows, nonFinite } = readPredictRequest(call.body, signature);
    const choice = this.#choose(call, nonFinite);
    return {
      inputs,
      answer: ({ outputs }) => {
        const answer = { outputs, signature };
        return json(rows === undefined ? writeOutputs(answer, choice) : writePredictions(answer, rows, choice));
      },
    };
  };

  readonly classify = (call: CallContent, { signature }: ServableDescription): InferenceExchange => {
    const scores = scoresOf(signature);
    const { inputs, nonFinite } = readExamplesRequest(call.body, signature);
    const choice = this.#choose(call, nonFinite);
    return {
      inputs,
      outputs: [scores.name],
      answer: ({ outputs }) => json(writeClasses(outputs[0] as NamedTensor, scores, choice)),
    };
  };

  readonly regress = (call: CallContent, { signature }: ServableDescription): InferenceExchange => {
    const values = valuesOf(signature);
    const { inputs, count, nonFinite } = readExamplesRequest(call.body, signature);
    const choice = this.#choose(call, nonFinite);
    return {
      inputs,
      outputs: [values.name],
      answer: ({ outputs }) => json(writeValues(outputs[0] as NamedTensor, count, choice)),
    };
  };

  #choose({ query }: CallContent, parameter: unknown): NonFinite {
    return nonFiniteChoice([query.non_finite, parameter], this.#nonFinite);
  }
}
