import type { FastifyInstance } from 'fastify';
import type { InferenceService } from '../../core/inference-service.js';
import { reference } from '../http/json-schema.js';

export interface ServerRoutesOptions {
  readonly service: InferenceService;
  readonly modelControl: boolean;
  readonly version: string;
}

/** Extensions of the protocol that work here, by Triton's names. */
const extensions = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'parameters',
  'schedule_policy',
  'statistics',
];

export function addServerRoutes(app: FastifyInstance, { service, modelControl, version }: ServerRoutesOptions): void {
  const metadata = {
    name: 'slipway',
    version,
    extensions: modelControl ? [...extensions, 'model_repository'].sort() : extensions,
  };
  const describe = (operationId: string, summary: string, schema: string) => ({
    tags: ['v2'],
    operationId,
    summary,
    response: { 200: { ...reference(schema), description: summary } },
  });
  app.get(
    '/',
    { schema: describe('serverMetadata', 'Name, version and extensions', 'ServerMetadata') },
    () => metadata,
  );
  app.get('/health/live', { schema: describe('serverLive', 'Whether the process answers', 'ServerLive') }, () => ({
    live: true,
  }));
  const ready = describe('serverReady', 'Whether a gateway should send requests here', 'ServerReady');
  const schema = {
    ...ready,
    response: { ...ready.response, 503: { ...reference('ServerReady'), description: 'Not now.' } },
  };
  app.get('/health/ready', { schema }, async (_request, reply) => {
    const isReady = await service.ready;
    if (!isReady) reply.code(503);
    return { ready: isReady };
  });
}
