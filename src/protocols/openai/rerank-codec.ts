import { JsonWriter } from '../../codecs/json-writer.js';
import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import { bytesOfAll, type NamedTensor } from '../../core/tensor.js';
import type { InferenceCodec } from '../../inference/inference-codec.js';
import type { CodecDefaults } from '../codec-defaults.js';
import type { HttpContent, HttpMessage } from '../http/http-call.js';
import { asFields, bodyFields, optionalTruth, own, requireOutput, textField, textTensor } from '../task-body.js';
import { jsonHeaders } from './embeddings-codec.js';

interface RerankWishes {
  /** As it was asked for. */
  readonly model: string;
  /** Results that are wanted; absent: all. */
  readonly top: number | undefined;
  /** Where they are to come back. */
  readonly documents: readonly string[] | undefined;
}

const known = ['model', 'query', 'documents', 'top_n', 'return_documents', 'raw_scores', 'truncate'];

/** `POST /v1/rerank`, as Cohere, Jina and others speak it. */
export const rerankCodec = ({
  largestResponseBytes: mostBytes,
}: Pick<CodecDefaults, 'largestResponseBytes'>): InferenceCodec<HttpMessage, HttpContent, RerankWishes> => ({
  name: 'openai rerank',
  readingBytes: ({ body }) => body.length,
  read: ({ body }, model) => {
    const fields = bodyFields(body, known);
    requireOutput(model, 'score', 'reranker');
    const query = textField(fields, 'query');
    const documents = documentsOf(own(fields, 'documents'));
    const asked = ['raw_scores', 'truncate'].map((name) => [name, own(fields, name)] as const);
    return {
      inputs: new Map([
        ['text', textTensor(documents.map(() => query))],
        ['text_pair', textTensor(documents)],
      ]),
      parameters: Object.fromEntries(asked.filter(([, value]) => value !== undefined)),
      wishes: {
        model: textField(fields, 'model'),
        top: topOf(own(fields, 'top_n')),
        documents: optionalTruth(fields, 'return_documents') ? documents : undefined,
      },
    };
  },
  writingBytes: (_wishes, { outputs }) => bytesOfAll(outputs),
  write: ({ model, top, documents }, { outputs, usage }) => {
    const { data } = outputs[0] as NamedTensor;
    const scores = data as Float32Array;
    const order = Array.from(scores, (_, index) => index).sort((a, b) => (scores[b] as number) - (scores[a] as number));
    const writer = new JsonWriter({ mostBytes }).raw('{"results":[');
    for (const [place, index] of order.slice(0, top).entries()) {
      writer.raw(`${place === 0 ? '' : ','}{"index":${index},"relevance_score":`);
      writer.row({ dataType: 'FP32', shape: [scores.length], data: scores }, index);
      if (documents !== undefined) writer.raw(',"document":').value({ text: documents[index] });
      writer.raw('}');
    }
    const tokens = usage?.tokens ?? 0;
    writer.raw(`],"model":${JSON.stringify(model)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`);
    return { body: writer.finish(), headers: jsonHeaders };
  },
});

function documentsOf(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw invalidArgument(`documents: expected an array of strings, got ${shownValue(given)}`);
  if (given.length === 0) throw invalidArgument('documents: expected one or more, got an empty array');
  return given.map((item, index) => {
    const text = typeof item === 'string' ? item : own(asFields(item, `documents[${index}]`), 'text');
    if (typeof text === 'string') return text;
    throw invalidArgument(`documents[${index}]: expected a string, or an object with "text", got ${shownValue(item)}`);
  });
}

function topOf(given: unknown): number | undefined {
  if (given === undefined || (Number.isSafeInteger(given) && (given as number) >= 1))
    return given as number | undefined;
  throw invalidArgument(`top_n: expected an integer from 1 on, got ${shownValue(given)}`);
}
