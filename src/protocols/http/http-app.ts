import type { Server as TlsServer } from 'node:tls';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { TlsFiles } from '../../access/tls-files.js';
import { ServingError } from '../../core/serving-error.js';
import { shortText } from '../../core/short-text.js';
import { type RequestIds, traceIdOf } from '../call-headers.js';
import type { ErrorResponses } from './error-responses.js';
import { handleExpectations } from './expect-continue.js';
import { lingerBehindLastResponse } from './lingering-close.js';
import { readJsonBodies } from './request-body.js';
import { sharedSchemas } from './route-schemas.js';
import { cutWhenStalled } from './stalled-callers.js';
import { connectionEvent, keepCertificates, serverOptions } from './tls-server.js';
import { UnreadableRequests } from './unreadable-requests.js';

export interface HttpAppOptions {
  readonly bodyLimitBytes: number;
  readonly keepAliveTimeoutMs: number;
  readonly errors: ErrorResponses;
  readonly ids: RequestIds;
  /** After which a caller that takes nothing of its answer is cut off. */
  readonly stallTimeoutMs: number;
  /** Given where connections are encrypted. */
  readonly tls?: TlsFiles | undefined;
  /** Whether callers show certificates, where the files have authorities for them. */
  readonly asksForCertificates?: boolean;
}

/** How long a request may take to arrive whole. */
const arrivalTimeoutMs = 300_000;
/** No name of a model is longer, percent-encoded or not. */
const maxParamLength = 512;

/** Fastify as every protocol here wants it: bodies as bytes, request ids, one form of failure. It has no routes. */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const unreadable = new UnreadableRequests();
  const { bodyLimitBytes, keepAliveTimeoutMs, errors, ids, stallTimeoutMs, tls } = options;
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    keepAliveTimeout: keepAliveTimeoutMs,
    requestTimeout: arrivalTimeoutMs,
    // Who leaves it out is told so below, in JSON; HTTP/1.0 has none.
    ...serverOptions({ requireHostHeader: false }, tls, options.asksForCertificates),
    // Requests on connections that are open still are finished; the service says what it no longer takes.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
    schemaController: { compilersFactory: noCompilers },
    genReqId: (request) => ids.of(request),
    clientErrorHandler: unreadable.answer,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      errors.send(error, reply);
    },
  });
  unreadable.listen(app.server);
  lingerBehindLastResponse(app.server, connectionEvent(tls));
  if (tls !== undefined) keepCertificates(app.server as unknown as TlsServer, tls);
  app.decorateRequest('inferenceCall', null);
  app.decorateRequest('principal', null);
  for (const schema of sharedSchemas) app.addSchema(schema);
  handleExpectations(app);
  readJsonBodies(app);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const { traceparent } = request.headers;
    if (traceIdOf(traceparent) !== undefined) reply.header('traceparent', traceparent);
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') done(withoutHost());
    else done();
  });
  app.addHook('onSend', (_request, { raw }, payload, done) => {
    cutWhenStalled(raw, stallTimeoutMs);
    done(null, payload);
  });
  app.setErrorHandler((error, _request, reply) => errors.send(error, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = `${request.method} ${shortText(request.url, 200)}`;
    errors.send(new ServingError('NOT_FOUND', `nothing is answered at ${path}; GET / says what there is`), reply);
  });
  return app;
}

const withoutHost = (): ServingError =>
  new ServingError('INVALID_ARGUMENT', 'the request has no Host header, which HTTP/1.1 asks for');

type CompilersFactory = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/** Route schemas describe the API and nothing is compiled from them; Fastify then never loads Ajv, which costs 40 ms. */
const noCompilers: CompilersFactory = {
  // The type asks for Ajv's own functions; what Fastify calls is this.
  buildValidator: (() => () => () => true) as unknown as NonNullable<CompilersFactory['buildValidator']>,
  buildSerializer: () => () => JSON.stringify,
};
