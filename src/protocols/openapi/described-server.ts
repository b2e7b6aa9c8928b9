import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { describeAccess } from '../http/route-access.js';
import { completeDescription } from './complete-description.js';
import { openapiInfo } from './openapi-info.js';

export interface DescribedServerOptions {
  /** Makes an app without routes. */
  readonly app: () => FastifyInstance;
  /** Registers the routes to describe. */
  readonly addRoutes: (app: FastifyInstance) => Promise<void>;
  /** Of this program. */
  readonly version: string;
}

/**
 * A second server with the same routes, whose schemas it collects as `app.swagger()`, and a page to read and to try
 * them at `/docs`; nothing of it is fetched from elsewhere. Never listens.
 */
export async function createDescribedServer(options: DescribedServerOptions): Promise<FastifyInstance> {
  const app = options.app();
  describeAccess(app);
  await app.register(swagger, {
    openapi: openapiInfo(options.version),
    // Components are called what their schemas are called.
    refResolver: { buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `def-${index}`) },
    transformObject: (generated) =>
      'openapiObject' in generated ? completeDescription(generated.openapiObject) : generated.swaggerObject,
  });
  await options.addRoutes(app);
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // All links are relative: a gateway may have this server below a path of its own.
    indexPrefix: '.',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, validatorUrl: null },
  });
  await app.ready();
  return app;
}
