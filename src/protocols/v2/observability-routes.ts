import type { FastifyInstance } from 'fastify';
import type { InferenceService } from '../../core/inference-service.js';
import { reference } from '../http/json-schema.js';
import { type ModelParams, selectorOf } from '../http/model-selector.js';
import { needs } from '../http/route-access.js';
import { failures, modelScopes } from '../http/route-schemas.js';
import { fixedSettings, logSettings, traceSettings } from '../open-inference/server-settings.js';

export interface ObservabilityRoutesOptions {
  readonly service: InferenceService;
}

/** Triton's trace and log settings: they can be read, and are this server's own to set. */
export function addObservabilityRoutes(app: FastifyInstance, { service }: ObservabilityRoutesOptions): void {
  const { params } = modelScopes[0];
  const routes = [
    {
      url: '/trace/setting',
      id: 'traceSettings',
      what: 'Trace settings',
      schema: 'TraceSettings',
      settings: traceSettings,
    },
    { url: '/logging', id: 'logSettings', what: 'Log settings', schema: 'LogSettings', settings: logSettings },
    {
      url: '/models/:name/trace/setting',
      id: 'modelTraceSettings',
      what: "A model's trace settings",
      schema: 'TraceSettings',
      settings: traceSettings,
      params,
    },
  ];
  for (const { url, id, what, schema, settings, params: ofModel } of routes) {
    const about = { tags: ['v2'], ...(ofModel && { params: ofModel }) };
    const readable = {
      ...about,
      operationId: id,
      summary: what,
      response: { 200: { ...reference(schema), description: what }, ...(ofModel && failures('NOT_FOUND')) },
    };
    app.get(url, { schema: readable, ...needs('read') }, async (request) => {
      if (ofModel !== undefined) await service.status(selectorOf(request.params as ModelParams));
      return settings;
    });
    const fixed = {
      ...about,
      operationId: `${id}Update`,
      summary: 'Not done by this server',
      response: failures('PERMISSION_DENIED', 'UNIMPLEMENTED'),
    };
    app.post(url, { schema: fixed, ...needs('control', 'set') }, () => {
      throw fixedSettings(what);
    });
  }
}
