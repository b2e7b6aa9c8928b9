import type { FastifyInstance } from 'fastify';

/** What pages may read of an answer beside its body. */
const exposedHeaders = [
  'inference-header-content-length',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'server-timing',
  'traceresponse',
  'www-authenticate',
  'x-model-version',
  'x-request-id',
];

/** How long a browser need not ask again. */
const maxAgeSeconds = 7200;

/**
 * Lets web pages of these origins call the routes that are registered from now on, and tells browsers so; what may be
 * called is a matter of access all the same. What asks first is answered before anything else looks at it.
 */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  // Loaded only where it is used.
  const { default: cors } = await import('@fastify/cors');
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    exposedHeaders,
    maxAge: maxAgeSeconds,
    strictPreflight: false,
  });
}
