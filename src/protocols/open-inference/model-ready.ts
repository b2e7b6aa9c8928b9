import type { InferenceService } from '../../core/inference-service.js';
import type { ModelSelector } from '../../core/model.js';
import { ServingError } from '../../core/serving-error.js';

export interface ModelReadiness {
  readonly name: string;
  readonly ready: boolean;
  /** Why it is not. */
  readonly error?: string;
}

/** Whether a model, or a version of it, serves. NOT_FOUND where nothing is known of it. */
export async function modelReady(service: InferenceService, selector: ModelSelector): Promise<ModelReadiness> {
  const { name } = selector;
  try {
    await checkServes(service, selector);
    return { name, ready: true };
  } catch (error) {
    if (!(error instanceof ServingError) || (error.code !== 'UNAVAILABLE' && error.code !== 'NOT_FOUND')) throw error;
    // Unloaded is known and not ready; of what is unknown this says so.
    if (error.code === 'NOT_FOUND') await service.status(selector);
    return { name, ready: false, error: error.message };
  }
}

/** Throws as `acquire` does; UNAVAILABLE too where only some of the server's processes serve it. */
async function checkServes(service: InferenceService, selector: ModelSelector): Promise<void> {
  service.acquire(selector)[Symbol.dispose]();
  const { versions } = await service.status(selector);
  if (versions.some(({ state }) => state === 'AVAILABLE')) return;
  const reason = versions.find((version) => version.reason !== undefined)?.reason;
  throw new ServingError('UNAVAILABLE', reason ?? `"${selector.name}" is not served by every worker yet`);
}

/** What clients of Triton look for in the text of a failure. */
export function tritonWords(error: ServingError): ServingError {
  const { code, missing } = error;
  if (missing === undefined) return error;
  const { name, version } = missing.selector;
  const which = version === undefined ? `'${name}'` : `'${name}' version ${version}`;
  return new ServingError(code, `Request for unknown model: ${which} is not found; ${missing.hint}`, { missing });
}
