import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureAnew, type Series } from './series.js';

/** What logs and metrics cost, as they are by default, where requests are smallest. Both are run as single modules. */
export function measureObservability({ cores, generator, rounds, quick, say }: BenchContext): Promise<Series[]> {
  say('logs and metrics: on and off');
  const requests = slipwayRequests(makeWorkload('mlp'), 'v1');
  const starts = (['modules', 'unobserved'] as const).map((form) => async () => {
    const server = await launchSlipway({ model: 'mlp' }, { cores: cores.server, form });
    const contender = new HttpContender({ name: form === 'modules' ? 'on' : 'off', generator, server, requests });
    return { contender, workload: 'mlp', protocol: 'v1', stop: () => server.stop() };
  });
  const window = { connections: 64, warmupMs: quick ? 1000 : 3000, durationMs: quick ? 1000 : 2000 };
  // The difference is small: twice the rounds of other sections.
  return measureAnew(starts, window, 2 * rounds);
}
