import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { InferenceService } from '../../core/inference-service.js';
import { ServingError } from '../../core/serving-error.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { failures, modelScopes } from '../http/route-schemas.js';
import { modelStatistics } from './model-statistics.js';
import { repositoryIndex } from './repository-index.js';
import { checkControlRequest, wantsOnlyReady } from './repository-request.js';

export interface RepositoryRoutesOptions {
  readonly service: InferenceService;
  readonly modelControl: boolean;
}

/** What concerns all models, and loading and unloading one. */
export function addRepositoryRoutes(app: FastifyInstance, { service, modelControl }: RepositoryRoutesOptions): void {
  const tags = ['v2'];
  const statisticsSchema = {
    tags,
    operationId: 'allStatistics',
    summary: 'Counts and times of every version that serves',
    response: { 200: { ...reference('ModelStatistics'), description: 'One entry a version.' } },
  };
  app.get('/models/stats', { schema: statisticsSchema }, async () => modelStatistics(await service.statistics()));
  const indexSchema = {
    tags,
    operationId: 'repositoryIndex',
    summary: 'Every version of every model, whatever its state',
    body: { ...reference('RepositoryIndexRequest') },
    response: {
      200: {
        ...reference('RepositoryIndex'),
        description: 'One entry a version.',
      },
      ...failures('INVALID_ARGUMENT'),
    },
  };
  app.post('/repository/index', { schema: indexSchema }, async (request) =>
    repositoryIndex(await service.models(), wantsOnlyReady(request.body as Buffer)),
  );
  for (const action of ['load', 'unload'] as const) {
    const schema = {
      tags,
      operationId: `${action}Model`,
      summary: action === 'load' ? 'Load the wanted versions' : 'Stop serving until loaded again',
      description: 'Answers when it is done; requests in flight are finished.',
      params: modelScopes[0].params,
      response: {
        200: { type: 'null', description: 'Done.' },
        ...failures('INVALID_ARGUMENT', 'PERMISSION_DENIED', 'NOT_FOUND', 'UNIMPLEMENTED', 'UNAVAILABLE'),
      },
    };
    app.post(`/repository/models/:name/${action}`, { schema }, async (request, reply) => {
      if (!modelControl) throw notAllowed(action);
      await control(service, action, request);
      return reply.code(200).send();
    });
  }
}

async function control(service: InferenceService, action: 'load' | 'unload', request: FastifyRequest): Promise<void> {
  const { name } = selectorOf(request.params as ModelParams);
  checkControlRequest(request.body as Buffer);
  await (action === 'load' ? service.loadModel(name) : service.unloadModel(name));
}

const notAllowed = (action: string): ServingError =>
  new ServingError(
    'PERMISSION_DENIED',
    `${action}: this server's models follow its repository; allow control through the API with SLIPWAY_MODEL_CONTROL=true`,
  );
