import type { FastifyInstance } from 'fastify';
import { modelsFor } from '../../core/access.js';
import type { InferenceService } from '../../core/inference-service.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { needs } from '../http/route-access.js';
import { failures, modelScopes } from '../http/route-schemas.js';
import { modelStatistics } from '../open-inference/model-statistics.js';
import { RepositoryControl, type WarningLog } from '../open-inference/repository-control.js';
import { repositoryIndex } from '../open-inference/repository-index.js';
import { controlParameters, fileContent, wantsOnlyReady } from './repository-request.js';

export interface RepositoryRoutesOptions {
  readonly service: InferenceService;
  readonly logger: WarningLog;
  /** Whether model files may come with a request to load. */
  readonly modelUploads: boolean;
}

/** What concerns all models, and loading and unloading one. */
export function addRepositoryRoutes(app: FastifyInstance, options: RepositoryRoutesOptions): void {
  const { service, logger, modelUploads } = options;
  const control = new RepositoryControl({ service, logger, takesFiles: modelUploads, readFile: fileContent });
  const tags = ['v2'];
  const listSchema = {
    tags,
    operationId: 'modelNames',
    summary: 'The names of all models, whatever their state',
    response: { 200: { ...reference('ModelNames'), description: 'By name.' } },
  };
  app.get('/models', { schema: listSchema, ...needs('read') }, async ({ principal }) => ({
    models: modelsFor(principal, await service.models()).map(({ name }) => name),
  }));
  const statisticsSchema = {
    tags,
    operationId: 'allStatistics',
    summary: 'Counts and times of every version that serves',
    response: { 200: { ...reference('ModelStatistics'), description: 'One entry a version.' } },
  };
  app.get('/models/stats', { schema: statisticsSchema, ...needs('read') }, async ({ principal }) =>
    modelStatistics((await service.statistics()).filter(({ id }) => principal?.mayUse(id.name) !== false)),
  );
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
  app.post('/repository/index', { schema: indexSchema, ...needs('read') }, async (request) =>
    repositoryIndex(modelsFor(request.principal, await service.models()), wantsOnlyReady(request.body as Buffer)),
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
    app.post(`/repository/models/:name/${action}`, { schema, ...needs('control', action) }, async (request, reply) => {
      const { name } = selectorOf(request.params as ModelParams);
      await control[action](name, controlParameters(request.body as Buffer));
      return reply.code(200).send();
    });
  }
}
