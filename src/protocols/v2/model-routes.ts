import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { InferenceService } from '../../core/inference-service.js';
import type { ModelSelector, ServableDescription } from '../../core/model.js';
import { ServingError } from '../../core/serving-error.js';
import { httpStatus } from '../http/http-status.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { failures, type ModelScope } from '../http/route-schemas.js';
import { modelConfig } from './model-config.js';
import { modelMetadata } from './model-metadata.js';
import { modelStatistics } from './model-statistics.js';

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
  app.get(url, { schema: metadataSchema }, described(modelMetadata));
  const configSchema = describe('modelConfig', 'Batching and instances', 'ModelConfig');
  app.get(`${url}/config`, { schema: configSchema }, described(modelConfig));
  const statisticsSchema = describe('modelStatistics', 'Counts and times since loading', 'ModelStatistics');
  app.get(`${url}/stats`, { schema: statisticsSchema }, async (request) =>
    modelStatistics(await service.statistics(selector(request))),
  );
  const ready = describe('modelReady', 'Whether it serves', 'ModelReady');
  const readySchema = {
    ...ready,
    response: { ...ready.response, 503: { ...reference('ModelReady'), description: 'Known, but not serving now.' } },
  };
  app.get(`${url}/ready`, { schema: readySchema }, (request, reply) => modelReady(service, request, reply));
}

async function modelReady(service: InferenceService, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const { name } = request.params as ModelParams;
  try {
    await checkServes(service, selector(request));
    return { name, ready: true };
  } catch (error) {
    if (!(error instanceof ServingError) || error.code !== 'UNAVAILABLE') throw error;
    reply.code(httpStatus.UNAVAILABLE);
    return { name, ready: false, error: error.message };
  }
}

/** Throws as `acquire` does; UNAVAILABLE too where only some of the server's processes serve it. */
async function checkServes(service: InferenceService, selector: ModelSelector): Promise<void> {
  service.acquire(selector)[Symbol.dispose]();
  const { versions } = await service.status(selector);
  if (versions.some(({ state }) => state === 'AVAILABLE')) return;
  const reason = versions.find((version) => version.reason !== undefined)?.reason;
  throw new ServingError('UNAVAILABLE', reason ?? `"${selector.name}" is not served by every front yet`);
}
