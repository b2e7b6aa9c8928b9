import type { FastifyInstance, FastifyRequest } from 'fastify';
import { modelDenial } from '../../access/access.js';
import type { ModelSelector } from '../../core/model.js';
import type { ErrorCode, ServingError } from '../../core/serving-error.js';
import { InferenceMethod } from '../../inference/inference-method.js';
import type { CodecDefaults } from '../codec-defaults.js';
import { httpStatus } from '../http/http-status.js';
import { type HttpInference, inferenceRoute } from '../http/inference-route.js';
import { anything, integer, list, number, object, oneOf, reference, text, truth } from '../http/json-schema.js';
import { inferenceFailures, inferenceHeaders, responseHeaders } from '../http/route-schemas.js';
import { bodyFields, textField } from '../task-body.js';
import { embeddingsCodec } from './embeddings-codec.js';
import { rerankCodec } from './rerank-codec.js';

export interface OpenAiOptions {
  readonly inference: HttpInference;
  readonly codecs: CodecDefaults;
}

const tags = ['tasks'];
const usage = object({ prompt_tokens: integer(), total_tokens: integer() });

const schemas = [
  object(
    {
      model: text({ description: "The model's name." }),
      input: anything({ description: 'A string, an array of strings, or tokens: an array of integers, or several.' }),
    },
    {
      $id: 'EmbeddingsRequest',
      optional: {
        encoding_format: oneOf(['float', 'base64']),
        dimensions: integer({ description: 'Vectors are cut to this size, and given the length 1 again.' }),
        user: text({ description: 'Not looked at.' }),
        prompt_name: text({ description: "One of the model's prompts, which is put before each text." }),
        truncate: truth({ description: 'False: a text that is too long is an error. Default true.' }),
      },
    },
  ),
  object(
    {
      object: text(),
      data: list(object({ object: text(), index: integer(), embedding: anything() })),
      model: text(),
      usage,
    },
    { $id: 'EmbeddingsResponse' },
  ),
  object(
    {
      model: text({ description: "The model's name." }),
      query: text(),
      documents: list(anything({ description: 'A string, or an object with `text`.' })),
    },
    {
      $id: 'RerankRequest',
      optional: {
        top_n: integer({ description: 'How many of the best are wanted; all when absent.' }),
        return_documents: truth(),
        raw_scores: truth({ description: 'Scores as the graph gives them.' }),
        truncate: truth({ description: 'False: a pair that is too long is an error. Default true.' }),
      },
    },
  ),
  object(
    {
      results: list(
        object({ index: integer(), relevance_score: number() }, { optional: { document: object({ text: text() }) } }),
      ),
      model: text(),
      usage,
    },
    { $id: 'RerankResponse' },
  ),
];

/** Embeddings as OpenAI's clients ask for them, and reranking as Cohere's do. To be registered under `/v1`. */
export async function openAiProtocol(app: FastifyInstance, { inference, codecs }: OpenAiOptions): Promise<void> {
  for (const schema of schemas) app.addSchema(schema);
  const calls = { ...inference.calls, errors: inference.calls.errors.inForm(openAiError) };
  const { tools } = inference;
  const protocol = { name: 'openai', statuses: httpStatus };
  const routes = [
    {
      path: '/embeddings',
      operationId: 'embeddings',
      summary: 'Vectors of texts',
      names: 'Embeddings',
      method: new InferenceMethod({ tools, protocol, codec: embeddingsCodec(codecs) }),
    },
    {
      path: '/rerank',
      operationId: 'rerank',
      summary: 'Documents by how well they answer a query',
      names: 'Rerank',
      method: new InferenceMethod({ tools, protocol, codec: rerankCodec(codecs) }),
    },
  ];
  for (const { path, operationId, summary, names, method } of routes) {
    const schema = {
      tags,
      operationId,
      summary,
      headers: inferenceHeaders,
      body: reference(`${names}Request`),
      response: {
        200: { ...reference(`${names}Response`), description: 'The answer.', headers: responseHeaders },
        ...inferenceFailures,
      },
    };
    app.post(path, { schema, ...inferenceRoute(method, { ...inference, calls }, modelInBody) });
  }
}

/** The latest version of the model that the body names, if it is for this caller. */
function modelInBody({ body, principal }: FastifyRequest): ModelSelector {
  const name = textField(bodyFields(body as Buffer), 'model');
  const denial = modelDenial(principal, name, 'infer');
  if (denial !== undefined) throw denial;
  return { name };
}

const types: Readonly<Partial<Record<ErrorCode, string>>> = {
  INVALID_ARGUMENT: 'invalid_request_error',
  NOT_FOUND: 'invalid_request_error',
  PAYLOAD_TOO_LARGE: 'invalid_request_error',
  UNSUPPORTED_MEDIA_TYPE: 'invalid_request_error',
  UNAUTHENTICATED: 'authentication_error',
  PERMISSION_DENIED: 'permission_error',
  RESOURCE_EXHAUSTED: 'rate_limit_error',
};

/** The form in which OpenAI's clients look for what is wrong. */
const openAiError = ({ code, message }: ServingError): object => ({
  error: {
    message,
    type: types[code] ?? 'server_error',
    param: null,
    code: code === 'NOT_FOUND' ? 'model_not_found' : null,
  },
});
