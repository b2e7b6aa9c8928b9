import type { FastifyInstance } from 'fastify';
import { modelDenial } from '../../access/access.js';
import { modelsFor, type Principal } from '../../core/access.js';
import type { InferenceService } from '../../core/inference-service.js';
import type { ServableDescription } from '../../core/model.js';
import { invalidArgument } from '../../core/serving-error.js';
import { pageHeaders } from '../http/http-response.js';
import { anything, object, text } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { needs } from '../http/route-access.js';
import { failures } from '../http/route-schemas.js';

export interface ModelApiOptions {
  readonly service: InferenceService;
  /** Of this program. */
  readonly version: string;
}

const tags = ['v1'];
const typescript = 'application/typescript; charset=utf-8';
const params = object({ name: text({ description: "The model's name: its folder in the repository." }) });
const asked = failures('INVALID_ARGUMENT', 'NOT_FOUND', 'UNAVAILABLE');

/** What programs are built from: a document and a client of each model. Made when somebody asks. To be registered under `/v1`. */
export async function modelApiRoutes(app: FastifyInstance, { service, version }: ModelApiOptions): Promise<void> {
  const source = { content: { 'application/typescript': { schema: text() } } };
  const documentSchema = {
    tags,
    operationId: 'modelDocument',
    summary: 'OpenAPI document of one model',
    description: 'Of the latest version that serves: its types, shapes and labels, and a request that works.',
    params,
    response: { 200: { ...anything(), description: 'An OpenAPI 3.1 document.' }, ...asked },
  };
  app.get('/models/:name/openapi.json', { schema: documentSchema, ...needs('read') }, async (request) => {
    const { modelDocument } = await import('./model-document.js');
    using handle = service.acquire(selectorOf(request.params as ModelParams));
    return modelDocument(handle.description);
  });
  const clientSchema = {
    tags,
    operationId: 'modelClient',
    summary: 'TypeScript client of one model',
    description: 'For Node and browsers; it needs nothing but `fetch`.',
    params,
    response: { 200: { description: 'TypeScript.', ...source }, ...asked },
  };
  app.get('/models/:name/client.ts', { schema: clientSchema, ...needs('read') }, async (request, reply) => {
    const { clientSource } = await import('./client-source.js');
    using handle = service.acquire(selectorOf(request.params as ModelParams));
    return reply
      .headers(pageHeaders)
      .type(typescript)
      .send(clientSource([handle.description], version));
  });
  const clientsSchema = {
    tags,
    operationId: 'client',
    summary: 'TypeScript client of several models',
    querystring: object(
      {},
      { optional: { models: text({ description: 'Names, with commas between. Default: all that serve.' }) } },
    ),
    response: { 200: { description: 'TypeScript.', ...source }, ...asked },
  };
  app.get('/client.ts', { schema: clientsSchema, ...needs('read') }, async (request, reply) => {
    const { clientSource } = await import('./client-source.js');
    const { models } = request.query as { readonly models?: unknown };
    const served = await descriptions(service, request.principal, models);
    return reply.headers(pageHeaders).type(typescript).send(clientSource(served, version));
  });
}

/** Of the models that are named, or of all that serve; valid in this turn of the event loop. */
async function descriptions(
  service: InferenceService,
  principal: Principal | null,
  wanted: unknown,
): Promise<readonly ServableDescription[]> {
  if (wanted === undefined) {
    const known = modelsFor(principal, await service.models());
    const serving = known.filter(({ versions }) => versions.some(({ state }) => state === 'AVAILABLE'));
    return serving.map(({ name }) => descriptionOf(service, name));
  }
  if (typeof wanted !== 'string') throw invalidArgument('models: expected names with commas between them, once');
  return [...new Set(wanted.split(','))].map((name) => {
    const denial = modelDenial(principal, name, 'read');
    if (denial !== undefined) throw denial;
    return descriptionOf(service, name);
  });
}

function descriptionOf(service: InferenceService, name: string): ServableDescription {
  using handle = service.acquire({ name });
  return handle.description;
}
