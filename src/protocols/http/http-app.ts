import Fastify, { type FastifyInstance } from 'fastify';
import { ServingError } from '../../core/serving-error.js';
import { answerClientError } from './client-error.js';
import type { ErrorAnswer } from './error-answer.js';
import { answerExpectations } from './expect-continue.js';
import { noCompilers } from './no-compilers.js';
import { readJsonBodies } from './request-body.js';
import { type RequestIds, traceIdOf } from './request-id.js';
import { sharedSchemas } from './route-schemas.js';

export interface HttpAppOptions {
  readonly bodyLimitBytes: number;
  readonly keepAliveTimeoutMs: number;
  readonly errors: ErrorAnswer;
  readonly ids: RequestIds;
}

/** How long a request may take to arrive whole. */
const arrivalTimeoutMs = 300_000;
/** No name of a model is longer, percent-encoded or not. */
const maxParamLength = 512;

/** Fastify as every protocol here wants it: bodies as bytes, request ids, one form of failure. It has no routes. */
export function createHttpApp({ bodyLimitBytes, keepAliveTimeoutMs, errors, ids }: HttpAppOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    keepAliveTimeout: keepAliveTimeoutMs,
    requestTimeout: arrivalTimeoutMs,
    // Requests on connections that are open still are finished; the service says what it no longer takes.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
    schemaController: { compilersFactory: noCompilers },
    genReqId: (request) => ids.of(request),
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      errors.send(error, reply);
    },
  });
  app.decorateRequest('arrivedAt', 0);
  for (const schema of sharedSchemas) app.addSchema(schema);
  answerExpectations(app);
  readJsonBodies(app);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const { traceparent } = request.headers;
    if (traceIdOf(traceparent) !== undefined) reply.header('traceparent', traceparent);
    done();
  });
  app.setErrorHandler((error, _request, reply) => errors.send(error, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = `${request.method} ${request.url.slice(0, 200)}`;
    errors.send(new ServingError('NOT_FOUND', `nothing is answered at ${path}; GET / says what there is`), reply);
  });
  return app;
}
