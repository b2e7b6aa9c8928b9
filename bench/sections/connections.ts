import { HttpContender } from '../contenders/http-contender.js';
import { launchFloor, launchSlipway, naiveRequests, slipwayRequests } from '../contenders/servers.js';
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

/** As long as an answer of the model. */
const mlpAnswerBytes = 60;

/** Many callers at once, and many connections that say nothing. */
export async function measureConnections(context: BenchContext): Promise<ConnectionResults> {
  const counts = context.quick ? [64, 1000] : [10, 64, 100, 1000, 5000];
  return { busy: await busyConnections(counts, context), idle: await idleConnections(counts, context) };
}

/** Beside it a Fastify route that does nothing: what a crowd costs Node.js and the system. */
async function busyConnections(counts: readonly number[], { cores, generator, rounds, say }: BenchContext) {
  const workload = makeWorkload('mlp');
  const placement = { cores: cores.server };
  const slipway = await launchSlipway({ model: 'mlp' }, placement);
  const floor = await launchFloor(mlpAnswerBytes, placement);
  try {
    const entries = [
      new HttpContender({ name: 'Slipway', generator, server: slipway, requests: slipwayRequests(workload, 'v1') }),
      new HttpContender({ name: 'HTTP floor', generator, server: floor, requests: naiveRequests(workload) }),
    ].map((contender) => ({ contender, workload: 'mlp', protocol: 'v1' }));
    say(`connections: ${counts.join(', ')} busy`);
    const groups = entries.flatMap((entry) =>
      counts.map((connections) => ({ entry, connections, all: [] as Series[] })),
    );
    // Round by round through all counts, so that the machine's moods meet them alike.
    for (let round = 0; round < rounds; round++) {
      for (const { entry, connections, all } of groups) {
        const window = { connections, warmupMs: connections > 1000 ? 1500 : 500, durationMs: 2000 };
        all.push(...(await measureInTurns([entry], window, 1)));
      }
    }
    return groups.map(({ all }) => ({ ...(all[0] as Series), rounds: all.flatMap((series) => series.rounds) }));
  } finally {
    await Promise.all([slipway.stop(), floor.stop()]);
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
