import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { InferenceService } from '../../core/inference-service.js';
import type { ServableDescription } from '../../core/model.js';
import { httpStatus } from '../http/http-status.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { needs } from '../http/route-access.js';
import { failures, type ModelScope } from '../http/route-schemas.js';
import { modelConfig } from '../open-inference/model-config.js';
import { modelMetadata } from '../open-inference/model-metadata.js';
import { modelReady } from '../open-inference/model-ready.js';
import { modelStatistics } from '../open-inference/model-statistics.js';

const selector = (request: FastifyRequest) => selectorOf(request.params as ModelParams);

/** Everything about one model but inference. */
export function addModelRoutes(app: FastifyInstance, scope: ModelScope, service: InferenceService): void {
  const url = `/models/:name${scope.path}`;
  const describe = (operationId: string, summary: string, schema: string) => ({
    tags: ['v2'],
    operationId: `${operationId}${scope.suffix}`,
    summary,
    description: scope.meaning,
    params: scope.params,
    response: {
      200: {
        ...reference(schema),
        description: summary,
      },
      ...failures('INVALID_ARGUMENT', 'NOT_FOUND', 'UNAVAILABLE'),
    },
  });
  const described = (write: (description: ServableDescription) => object) => (request: FastifyRequest) => {
    using servable = service.acquire(selector(request));
    return write(servable.description);
  };
  const metadataSchema = describe('inferMetadata', 'Inputs and outputs', 'InferModelMetadata');
  app.get(url, { schema: metadataSchema, ...needs('read') }, described(modelMetadata));
  const configSchema = describe('modelConfig', 'Batching and instances', 'ModelConfig');
  app.get(`${url}/config`, { schema: configSchema, ...needs('read') }, described(modelConfig));
  const statisticsSchema = describe('modelStatistics', 'Counts and times since loading', 'ModelStatistics');
  app.get(`${url}/stats`, { schema: statisticsSchema, ...needs('read') }, async (request) =>
    modelStatistics(await service.statistics(selector(request))),
  );
  const ready = describe('modelReady', 'Whether it serves', 'ModelReady');
  const readySchema = {
    ...ready,
    response: { ...ready.response, 503: { ...reference('ModelReady'), description: 'Known, but not serving now.' } },
  };
  app.get(`${url}/ready`, { schema: readySchema, ...needs('read') }, async (request, reply) => {
    const readiness = await modelReady(service, selector(request));
    if (!readiness.ready) reply.code(httpStatus.UNAVAILABLE);
    return readiness;
  });
}
