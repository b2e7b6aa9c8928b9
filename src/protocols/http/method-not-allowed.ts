import type { FastifyInstance } from 'fastify';
import { ServingError } from '../../core/serving-error.js';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Watches the routes that are registered on `app` from now on; the returned function then gives each of their
 * paths an answer to the methods it does not have: 405 with `Allow`.
 */
export function watchMethods(app: FastifyInstance): () => void {
  const allowed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const known = allowed.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name.toUpperCase());
    allowed.set(url, known);
  });
  return () => {
    for (const [url, known] of [...allowed]) {
      refuseOthers(app, url, [...known]);
    }
  };
}

function refuseOthers(app: FastifyInstance, url: string, known: readonly string[]): void {
  const allow = known.join(', ');
  app.route({
    method: methods.filter((method) => !known.includes(method)),
    url,
    schema: { hide: true },
    // Before the body is read.
    onRequest: (request, reply, done) => {
      reply.header('allow', allow);
      done(
        new ServingError(
          'METHOD_NOT_ALLOWED',
          `${request.method} is not answered at ${request.url.slice(0, 200)}; use ${allow}`,
        ),
      );
    },
    handler: () => undefined,
  });
}
