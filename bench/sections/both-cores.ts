import { EngineLoops } from '../contenders/engine-loops.js';
import { HttpContender } from '../contenders/http-contender.js';
import { launchNaive, launchSlipway, naiveRequests, slipwayRequests } from '../contenders/servers.js';
import type { ModelName } from '../recipes/make-models.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureInTurns, type Series } from './series.js';

const scenes: readonly { model: ModelName; connections: number; durationMs: number }[] = [
  { model: 'text-encoder', connections: 64, durationMs: 6000 },
  { model: 'resnet-50', connections: 16, durationMs: 10_000 },
];

/** The server has every core; the generator, which needs little here, runs beside it. */
export async function measureBothCores(context: BenchContext): Promise<Series[]> {
  const all: Series[] = [];
  for (const { model, connections, durationMs } of scenes.filter((scene) => context.workloads.includes(scene.model))) {
    context.say(`both cores: ${model}, ${connections} connections`);
    const window = { connections, warmupMs: 2000, durationMs: context.quick ? 3000 : durationMs };
    all.push(...(await measureScene(model, window, context)));
  }
  return all;
}

async function measureScene(
  model: ModelName,
  window: { connections: number; warmupMs: number; durationMs: number },
  { cores, generator, rounds }: BenchContext,
): Promise<Series[]> {
  const workload = makeWorkload(model);
  const each = cores.all?.map((core) => [core]) ?? Array.from({ length: cores.count }, () => undefined);
  const engines = await EngineLoops.start(workload, each);
  const slipway = await launchSlipway({ model }, { cores: cores.all });
  const naive = await launchNaive(model, { cores: cores.all, threads: cores.count });
  try {
    const entries = [
      new HttpContender({ name: 'Slipway', generator, server: slipway, requests: slipwayRequests(workload, 'v1') }),
      new HttpContender({ name: 'naive', generator, server: naive, requests: naiveRequests(workload) }),
      engines,
    ];
    return await measureInTurns(
      entries.map((contender) => ({ contender, workload: model, protocol: contender === engines ? 'none' : 'v1' })),
      window,
      rounds,
    );
  } finally {
    engines.stop();
    await Promise.all([slipway.stop(), naive.stop()]);
  }
}
