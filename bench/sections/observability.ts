import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureInTurns, type Series } from './series.js';

/** What logs and metrics cost, as they are by default, where requests are smallest. */
export async function measureObservability({ cores, generator, rounds, quick, say }: BenchContext): Promise<Series[]> {
  say('logs and metrics: on and off');
  const placement = { cores: cores.server };
  const observed = await launchSlipway({ model: 'mlp' }, placement);
  const unobserved = await launchSlipway({ model: 'mlp' }, { ...placement, isObserved: false });
  try {
    const requests = slipwayRequests(makeWorkload('mlp'), 'v1');
    const entries = [
      new HttpContender({ name: 'on', generator, server: observed, requests }),
      new HttpContender({ name: 'off', generator, server: unobserved, requests }),
    ].map((contender) => ({ contender, workload: 'mlp', protocol: 'v1' }));
    const window = { connections: 64, warmupMs: 300, durationMs: quick ? 1000 : 2000 };
    // The difference is small: twice the rounds of other sections.
    return await measureInTurns(entries, window, 2 * rounds);
  } finally {
    await Promise.all([observed.stop(), unobserved.stop()]);
  }
}
