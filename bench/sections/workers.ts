import type { Sample } from '../contenders/contender.js';
import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { GeneratorTeam } from '../load/generator-team.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import type { Series } from './series.js';

export interface WorkersResults {
  readonly serverCores: number;
  readonly generators: number;
  readonly series: readonly Series[];
}

const workerCounts = [1, 2, 4, 8] as const;
const connectionCounts = [64, 256] as const;
/** From here on generators have cores of their own. */
const roomyCores = 8;

/** Several worker processes behind one port, where requests are smallest and the worker is what limits. */
export async function measureWorkers({ cores, rounds, quick, say }: BenchContext): Promise<WorkersResults> {
  const all = cores.all !== undefined && cores.all.length >= roomyCores ? cores.all : undefined;
  const forGenerators = all && Math.floor(all.length / 4);
  const serverCores = all?.slice(0, -(forGenerators ?? 0));
  const team = new GeneratorTeam(all?.slice(-(forGenerators ?? 0)));
  const requests = slipwayRequests(makeWorkload('mlp'), 'v1');
  const groups = workerCounts.flatMap((workers) =>
    connectionCounts.map((connections) => ({ workers, connections, samples: [] as Sample[] })),
  );
  try {
    for (let round = 0; round < rounds; round++) {
      for (const workers of workerCounts) {
        say(`workers: ${workers}, round ${round + 1}`);
        const server = await launchSlipway(
          { model: 'mlp' },
          { cores: serverCores, flags: ['--workers', String(workers)] },
        );
        try {
          const contender = new HttpContender({ name: `${workers}`, generator: team, server, requests });
          for (const group of groups.filter((one) => one.workers === workers)) {
            const { connections, samples } = group;
            samples.push(await contender.sample({ connections, warmupMs: 1500, durationMs: quick ? 1500 : 3000 }));
          }
        } finally {
          await server.stop();
        }
      }
    }
  } finally {
    team.stop();
  }
  const series = groups.map(({ workers, connections, samples }) => ({
    contender: String(workers),
    workload: 'mlp',
    protocol: 'v1',
    connections,
    rounds: samples,
  }));
  return { serverCores: serverCores?.length ?? cores.count, generators: team.size, series };
}
