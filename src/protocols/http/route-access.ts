import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import type { Access, AccessCall, Verdict } from '../../access/access.js';
import type { CallHeaders } from '../../access/call-source.js';
import type { Principal, Scope } from '../../core/access.js';
import { ServingError } from '../../core/serving-error.js';
import { shortText } from '../../core/short-text.js';
import { failures } from './route-schemas.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Where there are two listeners. Default: models are looked at at both; what operators alone may call is at the management port. */
    listener?: HttpListener | 'both';
  }
  interface FastifyRequest {
    /** Who calls; null where the route is for everybody. */
    principal: Principal | null;
  }
}

type NeededAccess = Pick<AccessCall, 'scope' | 'action' | 'onlyLocal'>;

/** What a route asks of its callers. */
export type RouteAccess = 'open' | NeededAccess;

/** One of two, where operators have a port of their own. */
export type HttpListener = 'public' | 'management';

/** For everybody, whatever is configured. */
export const openToAll = (listener: HttpListener | 'both') => ({ config: { access: 'open', listener } }) as const;

/** The part of a route that says who may call it. `action`: in messages. `onlyLocal`: see AccessCall. */
export const needs = (scope: Scope, action: string = scope, onlyLocal?: string) => ({
  config: { access: { scope, action, onlyLocal } satisfies NeededAccess },
});

/** Puts into the description of the API what routes ask of their callers. To be called before any route. */
export function describeAccess(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { schema } = route;
    const access = route.config?.access;
    if (schema === undefined || access === undefined || access === 'open') return;
    const denials = failures('UNAUTHENTICATED', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED');
    const { scope } = access;
    route.schema = {
      ...schema,
      response: { ...denials, ...(schema.response as object | undefined) },
      security: [{ bearer: [scope] }, { apiKey: [scope] }, {}],
    };
  });
}

/**
 * Lets in who may call, before anything of a body is read. No route is made that does not say who that is. To be called
 * before any route.
 */
export function guardRoutes(app: FastifyInstance, access: Access, listener?: HttpListener): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    // What methods a path has is no secret.
    if (method === 'OPTIONS' || config?.access !== undefined) return;
    throw new Error(`route ${method} ${url} does not say who may call it`);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const { config } = request.routeOptions;
    if (listener !== undefined && !isAt(listener, config)) {
      done(elsewhere(request, listener));
      return;
    }
    const needed = config.access;
    if (needed === undefined || needed === 'open') {
      done();
      return;
    }
    const settle = (verdict: Verdict): void => {
      if (verdict instanceof ServingError) done(verdict);
      else {
        request.principal = verdict;
        done();
      }
    };
    const isManagement = listener === 'management';
    const verdict = access.admit({ ...accessCall(request, needed, access.authenticates), isManagement });
    if (verdict instanceof Promise) verdict.then(settle, done);
    else settle(verdict);
  });
}

/** What is not found is so at both. */
function isAt(listener: HttpListener, { access, listener: said }: FastifyContextConfig): boolean {
  if (access === undefined || said === 'both') return true;
  if (said !== undefined || access === 'open') return listener === (said ?? 'public');
  const isOperators = access.scope === 'control' || access.scope === 'metrics';
  return access.scope === 'read' || listener === (isOperators ? 'management' : 'public');
}

const elsewhere = ({ method, url }: FastifyRequest, listener: HttpListener): ServingError =>
  new ServingError(
    'NOT_FOUND',
    `${method} ${shortText(url, 200)} is answered at this server's ${listener === 'public' ? 'management' : 'public'} port`,
  );

/** Whether the caller of this request might make another call. */
export const mayCall = async (access: Access, request: FastifyRequest, needed: NeededAccess): Promise<boolean> =>
  !((await access.check(accessCall(request, needed, access.authenticates))) instanceof ServingError);

function accessCall(
  { id: requestId, headers, params, raw }: FastifyRequest,
  needed: NeededAccess,
  authenticates: boolean,
): AccessCall {
  const { name: model } = params as { readonly name?: string };
  return {
    ...needed,
    requestId,
    model,
    headers: authenticates ? withEveryCredential(headers, raw.rawHeaders) : headers,
    peerAddress: raw.socket.remoteAddress,
    httpVersion: raw.httpVersion,
  };
}

/** Of several `Authorization` headers Node shows the first; whoever stands in front may go by the last. */
function withEveryCredential(headers: CallHeaders, rawHeaders: readonly string[]): CallHeaders {
  const authorization = rawHeaders.filter((_, at) => at % 2 === 1 && isAuthorization(rawHeaders[at - 1]));
  return authorization.length > 1 ? { ...headers, authorization } : headers;
}

const isAuthorization = (name: string | undefined): boolean => name?.toLowerCase() === 'authorization';
