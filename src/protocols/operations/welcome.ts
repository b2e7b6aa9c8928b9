import type { InferenceService } from '../../core/inference-service.js';
import { samplePredictBody } from './sample-request.js';

export interface WelcomeOptions {
  readonly service: InferenceService;
  readonly version: string;
  /** Whether the API's documentation is served. */
  readonly docs: boolean;
}

/** `GET /`: where to go from here. `origin` is the address under which the caller knows this server. */
export const welcome = async ({ service, version, docs }: WelcomeOptions, origin: string): Promise<object> => ({
  name: 'slipway',
  version,
  ready: await service.ready,
  models: '/v1/models',
  ...(docs && { docs: '/docs' }),
  metrics: '/metrics',
  try: await sampleCurl(service, origin),
});

/** The shortest request that works, of the models that serve. */
export async function sampleCurl(service: InferenceService, origin: string): Promise<string> {
  const curls = (await service.models())
    .filter(({ versions }) => versions.some(({ state }) => state === 'AVAILABLE'))
    .map(({ name }) => {
      using servable = service.acquire({ name });
      const body = samplePredictBody(servable.description).replaceAll("'", "'\\''");
      return `curl -s ${origin}/v1/models/${name}/predict -d '${body}'`;
    });
  return curls.sort((a, b) => a.length - b.length)[0] ?? `curl -s ${origin}/v1/models`;
}
