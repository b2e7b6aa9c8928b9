import type { FastifyInstance, FastifyRequest } from 'fastify';
import { modelsFor } from '../../core/access.js';
import type { InferenceService } from '../../core/inference-service.js';
import { InferenceMethod } from '../../inference/inference-method.js';
import type { CodecDefaults } from '../codec-defaults.js';
import {
  type FastRoutes,
  jsonTypes,
  labelPattern,
  modelPattern,
  versionPattern,
} from '../http/fast-path/fast-routes.js';
import { httpStatus } from '../http/http-status.js';
import { type HttpInference, type HttpMethod, inferenceRoute } from '../http/inference-route.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { readBinaryBodies, readPictureBodies } from '../http/request-body.js';
import { needs } from '../http/route-access.js';
import {
  failures,
  inferenceFailures,
  inferenceHeaders,
  inferenceQuery,
  type ModelScope,
  modelScopes,
  responseHeaders,
} from '../http/route-schemas.js';
import { modelMetadata } from '../tensorflow-serving/model-metadata.js';
import { modelList, modelStatus } from '../tensorflow-serving/model-status.js';
import { v1Schemas } from './schemas.js';
import { v1Codecs } from './v1-codecs.js';

export interface V1Options {
  readonly service: InferenceService;
  readonly inference: HttpInference;
  readonly fastRoutes: FastRoutes;
  /** For what requests do not say. */
  readonly codecs: CodecDefaults;
}

interface Verb {
  readonly name: 'predict' | 'classify' | 'regress';
  readonly summary: string;
  readonly method: HttpMethod;
  readonly request: string;
  readonly response: string;
}

const tags = ['v1'];
/** The last parameter of a path would swallow the colon and the verb. */
const noColon = '([^:/]+)';

/** Both spellings of predict, in all scopes. */
const fastPredict = new RegExp(`^/v1/models/${modelPattern}(?:${versionPattern}|${labelPattern})?[/:]predict$`);

/** This project's own JSON API, which TensorFlow Serving's clients speak too. To be registered under `/v1`. */
export async function v1Protocol(app: FastifyInstance, options: V1Options): Promise<void> {
  for (const schema of v1Schemas) app.addSchema(schema);
  readBinaryBodies(app, () => undefined);
  readPictureBodies(app);
  const verbs = verbsOf(options);
  addListRoute(app, options.service);
  for (const scope of modelScopes) {
    addModelRoutes(app, scope, options.service);
    for (const verb of verbs) addVerbRoutes(app, scope, verb, options.inference);
  }
  const { method } = verbs[0];
  options.fastRoutes.add({ path: fastPredict, contentTypes: [...jsonTypes, 'application/octet-stream'], method });
}

/** Predict first. */
function verbsOf({ inference: { tools }, codecs }: V1Options) {
  const protocol = { name: 'v1', statuses: httpStatus };
  const { predict, classify, regress } = v1Codecs(codecs);
  const examples = { request: 'ExamplesRequest' };
  return [
    {
      name: 'predict',
      summary: 'Predict',
      method: new InferenceMethod({ tools, protocol, codec: predict }),
      request: 'PredictRequest',
      response: 'PredictResponse',
    },
    {
      ...examples,
      name: 'classify',
      summary: 'Scores by label',
      method: new InferenceMethod({ tools, protocol, codec: classify }),
      response: 'ClassifyResponse',
    },
    {
      ...examples,
      name: 'regress',
      summary: 'A number an example',
      method: new InferenceMethod({ tools, protocol, codec: regress }),
      response: 'RegressResponse',
    },
  ] as const satisfies readonly Verb[];
}

/** Each verb after a slash, and after a colon as TensorFlow Serving spells it. */
function addVerbRoutes(
  app: FastifyInstance,
  { path, params, suffix, meaning }: ModelScope,
  verb: Verb,
  inference: HttpInference,
): void {
  const url = `/models/:name${path}`;
  const spellings = [
    { url: `${url}${noColon}::${verb.name}`, operationId: `${verb.name}${suffix}` },
    ...(verb.name === 'predict' ? [{ url: `${url}/predict`, operationId: `predict${suffix}Path` }] : []),
  ];
  for (const { url: spelling, operationId } of spellings) {
    const schema = {
      tags,
      operationId,
      summary: verb.summary,
      description: meaning,
      params,
      headers: inferenceHeaders,
      querystring: inferenceQuery,
      body: reference(verb.request),
      response: {
        200: { ...reference(verb.response), description: 'The answer.', headers: responseHeaders },
        ...inferenceFailures,
      },
    };
    app.post(spelling, { schema, ...inferenceRoute(verb.method, inference) });
  }
}

function addListRoute(app: FastifyInstance, service: InferenceService): void {
  const schema = {
    tags,
    operationId: 'listModels',
    summary: 'Every model, whatever its state',
    response: { 200: { ...reference('ModelList'), description: 'By name.' } },
  };
  app.get('/models', { schema, ...needs('read') }, async ({ principal }) =>
    modelList(modelsFor(principal, await service.models())),
  );
}

function addModelRoutes(
  app: FastifyInstance,
  { path, params, suffix, meaning }: ModelScope,
  service: InferenceService,
): void {
  const selector = (request: FastifyRequest) => selectorOf(request.params as ModelParams);
  const statusSchema = {
    tags,
    operationId: `modelStatus${suffix}`,
    summary: 'State of each version',
    description: `${meaning} 200 also where nothing serves.`,
    params,
    response: {
      200: {
        ...reference('ModelStatus'),
        description: 'Newest first.',
      },
      ...failures('INVALID_ARGUMENT', 'NOT_FOUND'),
    },
  };
  app.get(`/models/:name${path}${noColon}`, { schema: statusSchema, ...needs('read') }, async (request) =>
    modelStatus(await service.status(selector(request))),
  );
  const metadataSchema = {
    tags,
    operationId: `modelMetadata${suffix}`,
    summary: 'Inputs and outputs',
    description: meaning,
    params,
    response: {
      200: { ...reference('ModelMetadata'), description: 'Names, types and shapes.' },
      ...failures('INVALID_ARGUMENT', 'NOT_FOUND', 'UNAVAILABLE'),
    },
  };
  app.get(`/models/:name${path}/metadata`, { schema: metadataSchema, ...needs('read') }, (request) => {
    using servable = service.acquire(selector(request));
    return modelMetadata(servable.description);
  });
}
