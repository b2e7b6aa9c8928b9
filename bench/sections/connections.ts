import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { median } from '../report/statistics.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureInTurns, type Series } from './series.js';

export interface IdleCost {
  readonly connections: number;
  /** Memory of the front process that each connection added. */
  readonly bytesEach: number;
}

export interface ConnectionResults {
  readonly busy: readonly Series[];
  readonly idle: readonly IdleCost[];
}

/** Many callers at once, and many connections that say nothing. */
export async function measureConnections(context: BenchContext): Promise<ConnectionResults> {
  const counts = context.quick ? [64, 1000] : [10, 64, 100, 1000, 5000];
  return { busy: await busyConnections(counts, context), idle: await idleConnections(counts, context) };
}

async function busyConnections(counts: readonly number[], { cores, generator, rounds, say }: BenchContext) {
  const workload = makeWorkload('mlp');
  const server = await launchSlipway({ model: 'mlp' }, { cores: cores.server });
  try {
    const requests = slipwayRequests(workload, 'v1');
    const contender = new HttpContender({ name: 'Slipway', generator, server, requests });
    say(`connections: ${counts.join(', ')} busy`);
    const groups = counts.map((): Series[] => []);
    // Round by round through all counts, so that the machine's moods meet them alike.
    for (let round = 0; round < rounds; round++) {
      for (const [index, connections] of counts.entries()) {
        const window = { connections, warmupMs: connections > 1000 ? 1500 : 500, durationMs: 2000 };
        const entry = { contender, workload: 'mlp', protocol: 'v1' };
        groups[index]?.push(...(await measureInTurns([entry], window, 1)));
      }
    }
    return groups.map((group) => ({ ...(group[0] as Series), rounds: group.flatMap((series) => series.rounds) }));
  } finally {
    await server.stop();
  }
}

/** A fresh server for each measurement: memory that was once needed is rarely given back. */
async function idleConnections(counts: readonly number[], { cores, generator, rounds, say }: BenchContext) {
  const requests = slipwayRequests(makeWorkload('mlp'), 'v1');
  const costs: IdleCost[] = [];
  for (const connections of counts.filter((count) => count >= 1000)) {
    say(`connections: ${connections} idle`);
    const bytes: number[] = [];
    for (let round = 0; round < Math.min(rounds, 3); round++) {
      const server = await launchSlipway({ model: 'mlp' }, { cores: cores.server });
      const { host, port, pid } = server;
      const plan = { host, port, pid, requests, warmupMs: 200 };
      await generator.run({ ...plan, pace: { kind: 'closed', connections: 64 }, durationMs: 3000 });
      const { residentBytes } = await generator.run({ ...plan, pace: { kind: 'idle', connections }, durationMs: 2000 });
      bytes.push((residentBytes.after - residentBytes.before) / connections);
      await server.stop();
    }
    costs.push({ connections, bytesEach: Math.round(median(bytes)) });
  }
  return costs;
}
