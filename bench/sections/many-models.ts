import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AnnouncedServer } from '../contenders/announced-server.js';
import type { Contender, Sample, Window } from '../contenders/contender.js';
import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { descendants, residentBytes } from '../machine/process-times.js';
import { modelFile } from '../recipes/make-models.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureInTurns, type Series } from './series.js';

export interface LoadedModels {
  readonly models: number;
  readonly readyMs: number;
  readonly processes: number;
  readonly frontBytes: number;
  readonly engineBytes: number;
}

export interface ManyModelsResults {
  /** `contender` is the number of models. */
  readonly series: readonly Series[];
  readonly loaded: readonly LoadedModels[];
}

/** One model under load beside others that are loaded and idle. */
export async function measureManyModels(context: BenchContext): Promise<ManyModelsResults> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const servers: AnnouncedServer[] = [];
  const loaded: LoadedModels[] = [];
  const contenders: Contender[] = [];
  try {
    for (const models of context.quick ? [1, 10] : [1, 10, 100]) {
      context.say(`many models: loading ${models}`);
      const startMs = performance.now();
      const server = await launchSlipway({ folder: repository(folder, models) }, { cores: context.cores.server });
      servers.push(server);
      loaded.push({ models, readyMs: Math.round(performance.now() - startMs), ...memory(server) });
      const requests = slipwayRequests(makeWorkload('mlp'), 'v1', 'model-0');
      const { generator } = context;
      contenders.push(alone(new HttpContender({ name: String(models), generator, server, requests }), server));
      server.freeze(true);
    }
    const entries = contenders.map((contender) => ({ contender, workload: 'mlp', protocol: 'v1' }));
    const window: Window = { connections: 64, warmupMs: 700, durationMs: context.quick ? 1000 : 2500 };
    return { series: await measureInTurns(entries, window, context.rounds), loaded };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  }
}

/** The other servers stand still meanwhile: what idle models cost is part of their own server's measurement only. */
const alone = (contender: Contender, server: AnnouncedServer): Contender => ({
  name: contender.name,
  sample: async (window: Window): Promise<Sample> => {
    server.freeze(false);
    try {
      return await contender.sample(window);
    } finally {
      server.freeze(true);
    }
  },
});

function repository(folder: string, models: number): string {
  const path = join(folder, String(models));
  for (let index = 0; index < models; index++) {
    const file = join(path, `model-${index}`, '1', 'model.onnx');
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(modelFile('mlp'), file);
  }
  return path;
}

function memory({ pid }: AnnouncedServer) {
  const engines = descendants(pid);
  return {
    processes: engines.length,
    frontBytes: residentBytes(pid).now,
    engineBytes: engines.reduce((sum, engine) => sum + residentBytes(engine).now, 0),
  };
}
