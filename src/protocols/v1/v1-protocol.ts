import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { NonFinite } from '../../codecs/json-writer.js';
import type { InferenceService } from '../../core/inference-service.js';
import {
  type FastRoutes,
  jsonTypes,
  labelPattern,
  modelPattern,
  versionPattern,
} from '../http/fast-lane/fast-routes.js';
import type { InferenceForm } from '../http/inference-form.js';
import { InferenceRoute, type InferenceRouteOptions } from '../http/inference-route.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import {
  answerHeaders,
  failures,
  inferenceFailures,
  inferenceHeaders,
  inferenceQuery,
  type ModelScope,
  modelScopes,
} from '../http/route-schemas.js';
import { type V1Forms, v1Forms } from './forms.js';
import { modelMetadata } from './model-metadata.js';
import { modelList, modelStatus } from './model-status.js';
import { v1Schemas } from './schemas.js';

export interface V1Options {
  readonly service: InferenceService;
  readonly inference: InferenceRouteOptions;
  readonly fastRoutes: FastRoutes;
  /** For requests that do not say how NaN and infinities are to be written. */
  readonly nonFinite: NonFinite;
}

interface Verb {
  readonly name: 'predict' | 'classify' | 'regress';
  readonly summary: string;
  readonly form: InferenceForm;
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
  const route = new InferenceRoute('v1', options.inference);
  const forms = v1Forms(options.nonFinite);
  const verbs = verbsOf(forms);
  addListRoute(app, options.service);
  for (const scope of modelScopes) {
    addModelRoutes(app, scope, options.service);
    for (const verb of verbs) addVerbRoutes(app, scope, verb, route);
  }
  options.fastRoutes.add({
    path: fastPredict,
    contentTypes: jsonTypes,
    answer: (call, receiver) => route.answer(call, forms.predict, receiver),
    cutOff: (call) => route.cutOff(call),
  });
}

const verbsOf = ({ predict, classify, regress }: V1Forms): readonly Verb[] => [
  { name: 'predict', summary: 'Predict', form: predict, request: 'PredictRequest', response: 'PredictResponse' },
  {
    name: 'classify',
    summary: 'Scores by label',
    form: classify,
    request: 'ExamplesRequest',
    response: 'ClassifyResponse',
  },
  {
    name: 'regress',
    summary: 'A number an example',
    form: regress,
    request: 'ExamplesRequest',
    response: 'RegressResponse',
  },
];

/** Each verb after a slash, and after a colon as TensorFlow Serving spells it. */
function addVerbRoutes(
  app: FastifyInstance,
  { path, params, suffix, meaning }: ModelScope,
  verb: Verb,
  route: InferenceRoute,
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
        200: { ...reference(verb.response), description: 'The answer.', headers: answerHeaders },
        ...inferenceFailures,
      },
    };
    app.post(spelling, { schema, ...route.handle(verb.form) });
  }
}

function addListRoute(app: FastifyInstance, service: InferenceService): void {
  const schema = {
    tags,
    operationId: 'listModels',
    summary: 'Every model, whatever its state',
    response: { 200: { ...reference('ModelList'), description: 'By name.' } },
  };
  app.get('/models', { schema }, async () => modelList(await service.models()));
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
  app.get(`/models/:name${path}${noColon}`, { schema: statusSchema }, async (request) =>
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
  app.get(`/models/:name${path}/metadata`, { schema: metadataSchema }, (request) => {
    using servable = service.acquire(selector(request));
    return modelMetadata(servable.description);
  });
}
