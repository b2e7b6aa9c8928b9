import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AnnouncedServer } from '../contenders/announced-server.js';
import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { engineProcesses, residentBytes } from '../machine/process-times.js';
import { modelFile } from '../recipes/make-models.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureAnew, type Series } from './series.js';

export interface LoadedModels {
  readonly models: number;
  readonly readyMs: number;
  readonly processes: number;
  readonly workerBytes: number;
  readonly engineBytes: number;
}

interface ManyModelsResults {
  /** `contender` is the number of models. */
  readonly series: readonly Series[];
  readonly loaded: readonly LoadedModels[];
}

/** One model under load beside others that are loaded and idle. */
export async function measureManyModels({
  cores,
  generator,
  rounds,
  quick,
  say,
}: BenchContext): Promise<ManyModelsResults> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const counts = quick ? [1, 10] : [1, 10, 100];
  const loaded = counts.map((): LoadedModels[] => []);
  const requests = slipwayRequests(makeWorkload('mlp'), 'v1', 'model-0');
  try {
    const starts = counts.map((models, index) => async () => {
      say(`many models: ${models}`);
      const startMs = performance.now();
      const server = await launchSlipway({ folder: repository(folder, models) }, { cores: cores.server });
      loaded[index]?.push({ models, readyMs: Math.round(performance.now() - startMs), ...memory(server) });
      const contender = new HttpContender({ name: String(models), generator, server, requests });
      return { contender, workload: 'mlp', protocol: 'v1', stop: () => server.stop() };
    });
    const window = { connections: 64, warmupMs: quick ? 1000 : 3000, durationMs: quick ? 1000 : 2500 };
    return { series: await measureAnew(starts, window, rounds), loaded: loaded.map(inTheMiddle) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The start that took as long as most. */
const inTheMiddle = (starts: readonly LoadedModels[]): LoadedModels =>
  starts.toSorted((a, b) => a.readyMs - b.readyMs)[starts.length >> 1] as LoadedModels;

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
  const engines = engineProcesses(pid);
  return {
    processes: engines.length,
    workerBytes: residentBytes(pid).now,
    engineBytes: engines.reduce((sum, engine) => sum + residentBytes(engine).now, 0),
  };
}
