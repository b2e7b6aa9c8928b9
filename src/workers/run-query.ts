import type { InferenceService } from '../core/inference-service.js';
import { type Outcome, plainError, type Query, type QueryResults } from './worker-messages.js';

export interface QuerySources {
  /** This worker's own. */
  readonly service: InferenceService;
  /** This worker's metrics as JSON text. */
  readonly metrics: () => Promise<string>;
}

/** What this worker alone has to say. */
export async function runQuery(query: Query, sources: QuerySources): Promise<Outcome> {
  try {
    return { value: await resultOf(query, sources) };
  } catch (error) {
    return { error: plainError(error) };
  }
}

async function resultOf(query: Query, { service, metrics }: QuerySources): Promise<QueryResults[Query['kind']]> {
  switch (query.kind) {
    case 'ready':
      return service.ready;
    case 'models':
      return service.models();
    case 'metrics':
      return metrics();
    case 'status':
      return service.status(query.selector);
    case 'statistics':
      return service.statistics(query.selector);
    case 'load':
      await service.loadModel(query.name, query.options);
      return null;
    case 'unload':
      await service.unloadModel(query.name);
      return null;
  }
}
