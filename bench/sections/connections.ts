import { setTimeout as after } from 'node:timers/promises';
import { median } from '../../test/support/statistics.js';
import { HttpContender } from '../contenders/http-contender.js';
import { launchFloor, launchSlipway, launchSockets, naiveRequests, slipwayRequests } from '../contenders/servers.js';
import { askAnew } from '../load/newcomer.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureInTurns, type Series } from './series.js';

export interface IdleCost {
  readonly connections: number;
  /** Memory of the worker process that each connection added. */
  readonly bytesEach: number;
}

/** How long somebody new waits while so many are busy. */
export interface NewcomerWait {
  readonly connections: number;
  /** Milliseconds of each health check, from opening its connection to its answer. */
  readonly waitsMs: readonly number[];
}

export interface ConnectionResults {
  readonly busy: readonly Series[];
  readonly newcomers: readonly NewcomerWait[];
  readonly idle: readonly IdleCost[];
}

const newcomersMs = 6000;

/** As long as an answer of the model. */
const mlpResponseBytes = 60;

/** Many callers at once, and many connections that say nothing. */
export async function measureConnections(context: BenchContext): Promise<ConnectionResults> {
  const counts = context.quick ? [64, 1000] : [10, 64, 100, 1000, 5000];
  return {
    busy: await busyConnections(counts, context),
    newcomers: await newcomers(counts, context),
    idle: await idleConnections(counts, context),
  };
}

/** Beside it a Fastify route that does nothing, and sockets alone: what a crowd costs Node.js and the system. */
async function busyConnections(counts: readonly number[], { cores, generator, rounds, say }: BenchContext) {
  const workload = makeWorkload('mlp');
  const placement = { cores: cores.server };
  const slipway = await launchSlipway({ model: 'mlp' }, placement);
  const floor = await launchFloor(mlpResponseBytes, placement);
  const sockets = await launchSockets(mlpResponseBytes, placement);
  try {
    const entries = [
      new HttpContender({ name: 'Slipway', generator, server: slipway, requests: slipwayRequests(workload, 'v1') }),
      new HttpContender({ name: 'HTTP floor', generator, server: floor, requests: naiveRequests(workload) }),
      new HttpContender({ name: 'sockets alone', generator, server: sockets, requests: naiveRequests(workload) }),
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
    await Promise.all([slipway.stop(), floor.stop(), sockets.stop()]);
  }
}

/** Everybody comes at once, which is the worst case: a new server each time. */
async function newcomers(counts: readonly number[], { cores, generator, say }: BenchContext): Promise<NewcomerWait[]> {
  const requests = slipwayRequests(makeWorkload('mlp'), 'v1');
  const waits: NewcomerWait[] = [];
  for (const connections of counts.filter((count) => count >= 64)) {
    say(`connections: a newcomer among ${connections}`);
    const server = await launchSlipway({ model: 'mlp' }, { cores: cores.server });
    const { host, port, pid } = server;
    const pace = { kind: 'closed', connections } as const;
    const load = generator.run({ host, port, pid, requests, pace, warmupMs: 0, durationMs: newcomersMs + 1000 });
    await after(500);
    const waitsMs = await askAnew(`http://${host}:${port}/v2/health/live`, newcomersMs);
    await load;
    await server.stop();
    waits.push({ connections, waitsMs: waitsMs.map((ms) => Math.round(10 * ms) / 10) });
  }
  return waits;
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
