import { modelsFor, type Principal } from '../../core/access.js';
import type { InferenceService } from '../../core/inference-service.js';
import type { ServableDescription } from '../../core/model.js';
import { sampleCurl, sampleSize } from './sample-curl.js';

export interface WelcomeOptions {
  readonly service: InferenceService;
  readonly version: string;
  /** What is at this port beside models: the API's documentation, metrics. */
  readonly links: { readonly docs: boolean; readonly metrics: boolean };
  /** Whether inference is answered at this port. */
  readonly infers: boolean;
}

/** `GET /`: where to go from here. `origin` is the address under which the caller knows this server. */
export const welcome = async (
  { service, version, links, infers }: WelcomeOptions,
  origin: string,
  principal: Principal | null,
): Promise<object> => ({
  name: 'slipway',
  // As KServe's first protocol asks whether a server lives.
  status: 'alive',
  version,
  ready: await service.ready,
  models: '/v1/models',
  ...(links.docs && { docs: '/docs' }),
  ...(links.metrics && { metrics: '/metrics' }),
  ...(infers && { try: await shortestCurl(service, origin, principal) }),
});

/** The shortest request that works, of the models that serve; only that one is written. */
export async function shortestCurl(
  service: InferenceService,
  origin: string,
  principal: Principal | null = null,
): Promise<string> {
  let shortest: { readonly name: string; readonly description: ServableDescription; readonly size: number } | undefined;
  for (const { name, versions } of modelsFor(principal, await service.models())) {
    if (!versions.some(({ state }) => state === 'AVAILABLE')) continue;
    using servable = service.acquire({ name });
    const { description } = servable;
    const size = sampleSize(description);
    if (shortest === undefined || size < shortest.size) shortest = { name, description, size };
  }
  if (shortest === undefined) return `curl -s ${origin}/v1/models`;
  const { name, description } = shortest;
  return sampleCurl(description, `${origin}/v1/models/${name}/predict`, name);
}
