import type { FastifyInstance } from 'fastify';
import { InferenceMethod } from '../../inference/inference-method.js';
import type { CodecDefaults } from '../codec-defaults.js';
import { httpStatus } from '../http/http-status.js';
import { type HttpInference, inferenceRoute } from '../http/inference-route.js';
import { anything, object, record, reference, text } from '../http/json-schema.js';
import { readBinaryBodies, readPictureBodies } from '../http/request-body.js';
import { inferenceFailures, inferenceHeaders, responseHeaders } from '../http/route-schemas.js';
import { huggingFaceCodec } from './hugging-face-codec.js';

export interface HuggingFaceOptions {
  readonly inference: HttpInference;
  readonly codecs: CodecDefaults;
}

const request = object(
  {
    inputs: anything({
      description: 'A string, an object with `text` and `text_pair`, a picture in base64, or an array of them.',
    }),
  },
  {
    $id: 'HuggingFaceRequest',
    optional: {
      parameters: record(anything(), { description: 'Of the task: `top_k`, `function_to_apply`, `normalize` …' }),
      options: record(anything(), { description: 'Not looked at.' }),
    },
  },
);

/** Tasks as the hub's clients ask for them. To be registered under `/hf`. */
export async function huggingFaceProtocol(
  app: FastifyInstance,
  { inference, codecs }: HuggingFaceOptions,
): Promise<void> {
  app.addSchema(request);
  readBinaryBodies(app, () => undefined);
  readPictureBodies(app);
  const protocol = { name: 'hf', statuses: httpStatus };
  const method = new InferenceMethod({ tools: inference.tools, protocol, codec: huggingFaceCodec(codecs) });
  const schema = {
    tags: ['tasks'],
    operationId: 'huggingFace',
    summary: "A task, in the words of Hugging Face's clients",
    description:
      'The latest version that serves. What comes back are vectors, labels, entities or the things in a picture. A picture may be the body itself, as image/jpeg, image/png or image/webp.',
    params: object({ name: text({ description: "The model's name: its folder in the repository." }) }),
    headers: inferenceHeaders,
    body: reference('HuggingFaceRequest'),
    response: {
      200: { description: 'The answer.', headers: responseHeaders },
      ...inferenceFailures,
    },
  };
  app.post('/:name', { schema, ...inferenceRoute(method, inference) });
}
