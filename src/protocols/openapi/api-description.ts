import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { completeDescription } from './complete-description.js';
import { openapiInfo } from './openapi-info.js';

/** Collects the schemas of the routes that are registered from now on, as `app.swagger()`. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: openapiInfo(version),
    // Components are called what their schemas are called.
    refResolver: { buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `def-${index}`) },
    transformObject: (generated) =>
      'openapiObject' in generated ? completeDescription(generated.openapiObject) : generated.swaggerObject,
  });
}

/** The description as a page to read and to try at `/docs`; nothing of it is fetched from elsewhere. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, validatorUrl: null },
  });
}
