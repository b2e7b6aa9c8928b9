import type { FastifyInstance } from 'fastify';
import type { Access } from '../../access/access.js';
import type { InferenceService } from '../../core/inference-service.js';
import { InferenceMethod } from '../../inference/inference-method.js';
import type { CodecDefaults } from '../codec-defaults.js';
import { type FastRoutes, jsonTypes, modelPattern, versionPattern } from '../http/fast-path/fast-routes.js';
import { httpStatus } from '../http/http-status.js';
import { type HttpInference, type HttpMethod, inferenceRoute } from '../http/inference-route.js';
import { reference } from '../http/json-schema.js';
import { readBinaryBodies } from '../http/request-body.js';
import {
  inferenceFailures,
  inferenceHeaders,
  inferenceQuery,
  modelScopes,
  responseHeaders,
} from '../http/route-schemas.js';
import { tritonWords } from '../open-inference/model-ready.js';
import type { WarningLog } from '../open-inference/repository-control.js';
import { binaryBegins } from './infer-body.js';
import { inferCodec } from './infer-codec.js';
import { inferSchemas } from './infer-schemas.js';
import { addModelRoutes } from './model-routes.js';
import { addObservabilityRoutes } from './observability-routes.js';
import { addRepositoryRoutes } from './repository-routes.js';
import { v2Schemas } from './schemas.js';
import { addServerRoutes } from './server-routes.js';
import { addSharedMemoryRoutes } from './shared-memory-routes.js';

export interface V2Options {
  readonly service: InferenceService;
  readonly inference: HttpInference;
  readonly fastRoutes: FastRoutes;
  /** For what requests do not say. */
  readonly codecs: CodecDefaults;
  /** What a caller may do is announced to it. */
  readonly access: Access;
  readonly logger: WarningLog;
  readonly modelUploads: boolean;
  /** The server's version. */
  readonly version: string;
}

/** The Open Inference Protocol with Triton's extensions. To be registered under `/v2`. */
export async function v2Protocol(app: FastifyInstance, options: V2Options): Promise<void> {
  for (const schema of [...inferSchemas, ...v2Schemas]) app.addSchema(schema);
  const { tools, calls } = options.inference;
  const errors = calls.errors.inWords(tritonWords);
  const protocol = { name: 'v2', statuses: httpStatus, words: tritonWords };
  const method = new InferenceMethod({ tools, protocol, codec: inferCodec(options.codecs) });
  app.setErrorHandler((error, _request, reply) => errors.send(error, reply));
  readBinaryBodies(app, binaryBegins);
  addServerRoutes(app, options);
  // Labels are v1's; the protocol knows versions only.
  for (const scope of modelScopes.filter(({ suffix }) => suffix !== 'Label')) {
    addModelRoutes(app, scope, options.service);
    addInferRoute(app, scope, method, options);
  }
  addRepositoryRoutes(app, options);
  addSharedMemoryRoutes(app, options.codecs.sharedMemory);
  addObservabilityRoutes(app, options);
}

function addInferRoute(
  app: FastifyInstance,
  { path, params, suffix, meaning }: (typeof modelScopes)[number],
  method: HttpMethod,
  { inference, fastRoutes }: V2Options,
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
      200: { ...reference('InferResponse'), description: 'The answer.', headers: responseHeaders },
      ...inferenceFailures,
    },
  };
  app.post(`/models/:name${path}/infer`, { schema, ...inferenceRoute(method, inference) });
  fastRoutes.add({
    path: new RegExp(`^/v2/models/${modelPattern}${path === '' ? '' : versionPattern}/infer$`),
    contentTypes: [...jsonTypes, 'application/octet-stream'],
    method,
  });
}
