import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../../access/access.js';
import type { InferenceService } from '../../core/inference-service.js';
import type { CodecDefaults } from '../codec-defaults.js';
import { reference } from '../http/json-schema.js';
import { mayCall, needs, openToAll } from '../http/route-access.js';
import { serverMetadata } from '../open-inference/server-metadata.js';
import { shareMemory } from '../shared-memory/local-callers.js';

export interface ServerRoutesOptions {
  readonly service: InferenceService;
  readonly access: Access;
  readonly version: string;
  readonly codecs: Pick<CodecDefaults, 'sharedMemory'>;
}

export function addServerRoutes(app: FastifyInstance, options: ServerRoutesOptions): void {
  const { service, access, version, codecs } = options;
  const sharesMemory = codecs.sharedMemory !== undefined;
  /** What is not for everybody is announced to those who may use it. */
  const metadata = async (request: FastifyRequest) => {
    const mayControl = await mayCall(access, request, { scope: 'control', action: 'load' });
    const mayShareMemory = sharesMemory && (await mayCall(access, request, shareMemory('register')));
    return serverMetadata(version, { mayControl, mayShareMemory });
  };
  const describe = (operationId: string, summary: string, schema: string) => ({
    tags: ['v2'],
    operationId,
    summary,
    response: { 200: { ...reference(schema), description: summary } },
  });
  app.get(
    '/',
    { schema: describe('serverMetadata', 'Name, version and extensions', 'ServerMetadata'), ...needs('read') },
    (request) => metadata(request),
  );
  app.get(
    '/health/live',
    { schema: describe('serverLive', 'Whether the process answers', 'ServerLive'), ...openToAll('both') },
    () => ({
      live: true,
    }),
  );
  const ready = describe('serverReady', 'Whether a gateway should send requests here', 'ServerReady');
  const schema = {
    ...ready,
    response: { ...ready.response, 503: { ...reference('ServerReady'), description: 'Not now.' } },
  };
  app.get('/health/ready', { schema, ...openToAll('both') }, async (_request, reply) => {
    const isReady = await service.ready;
    if (!isReady) reply.code(503);
    return { ready: isReady };
  });
}
