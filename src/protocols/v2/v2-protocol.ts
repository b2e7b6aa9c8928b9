import type { FastifyInstance } from 'fastify';
import type { NonFinite } from '../../codecs/json-writer.js';
import type { InferenceService } from '../../core/inference-service.js';
import { type FastRoutes, jsonTypes, modelPattern, versionPattern } from '../http/fast-lane/fast-routes.js';
import { InferenceRoute, type InferenceRouteOptions } from '../http/inference-route.js';
import { reference } from '../http/json-schema.js';
import { readBinaryBodies } from '../http/request-body.js';
import {
  answerHeaders,
  inferenceFailures,
  inferenceHeaders,
  inferenceQuery,
  modelScopes,
} from '../http/route-schemas.js';
import { binaryBegins } from './infer-body.js';
import { inferForm } from './infer-form.js';
import { inferSchemas } from './infer-schemas.js';
import { addModelRoutes } from './model-routes.js';
import { addRepositoryRoutes } from './repository-routes.js';
import { v2Schemas } from './schemas.js';
import { addServerRoutes } from './server-routes.js';

export interface V2Options {
  readonly service: InferenceService;
  readonly inference: InferenceRouteOptions;
  readonly fastRoutes: FastRoutes;
  /** For requests that do not say how NaN and infinities are to be written. */
  readonly nonFinite: NonFinite;
  /** Whether models may be loaded and unloaded through the API. */
  readonly modelControl: boolean;
  /** The server's version. */
  readonly version: string;
}

/** The Open Inference Protocol with Triton's extensions. To be registered under `/v2`. */
export async function v2Protocol(app: FastifyInstance, options: V2Options): Promise<void> {
  for (const schema of [...inferSchemas, ...v2Schemas]) app.addSchema(schema);
  readBinaryBodies(app, binaryBegins);
  addServerRoutes(app, options);
  // Labels are v1's; the protocol knows versions only.
  for (const scope of modelScopes.filter(({ suffix }) => suffix !== 'Label')) {
    addModelRoutes(app, scope, options.service);
    addInferRoute(app, scope, options);
  }
  addRepositoryRoutes(app, options);
}

function addInferRoute(
  app: FastifyInstance,
  { path, params, suffix, meaning }: (typeof modelScopes)[number],
  { inference, fastRoutes, nonFinite }: V2Options,
): void {
  const schema = {
    tags: ['v2'],
    operationId: `infer${suffix}`,
    summary: 'Infer',
    description: `${meaning} With \`Inference-Header-Content-Length: <bytes of JSON>\` the tensors' raw bytes follow the JSON (application/octet-stream), in the order of the inputs; 0 there means that the body is the one input's bytes and nothing else.`,
    params,
    headers: inferenceHeaders,
    querystring: inferenceQuery,
    body: reference('InferRequest'),
    response: {
      200: { ...reference('InferResponse'), description: 'The answer.', headers: answerHeaders },
      ...inferenceFailures,
    },
  };
  const route = new InferenceRoute('v2', inference);
  const form = inferForm(nonFinite);
  app.post(`/models/:name${path}/infer`, { schema, ...route.handle(form) });
  fastRoutes.add({
    path: new RegExp(`^/v2/models/${modelPattern}${path === '' ? '' : versionPattern}/infer$`),
    contentTypes: [...jsonTypes, 'application/octet-stream'],
    answer: (call, receiver) => route.answer(call, form, receiver),
    cutOff: (call) => route.cutOff(call),
  });
}
