import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessEngine } from '../../src/engine/process-engine.js';
import { prepareModel } from '../../src/onnx/prepare-model.js';
import { HttpContender } from '../contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from '../contenders/servers.js';
import { mlpVariant, type Variant, variants } from '../recipes/mlp-variants.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureInTurns, type Series } from './series.js';

/** Of one model, round by round. */
export interface TimesToReady {
  readonly variant: Variant;
  /** To read the file, and to write what has to be rewritten. */
  readonly prepareMs: readonly number[];
  /** Until the engine process has the model loaded, reading included. */
  readonly readyMs: readonly number[];
}

interface ModelFilesResults {
  readonly bytes: number;
  /** The first is the model as it is. */
  readonly ready: readonly TimesToReady[];
  /** The first is the model as it is; `contender` is the variant. */
  readonly series: readonly Series[];
}

const large = { inputs: 2304, width: 2304, layers: 5 };
/** As the workload `mlp` asks it. */
const small = { inputs: 4, width: 16, layers: 1 };

/** What it costs that a model has to be rewritten: once, until it serves, and at every request. */
export async function measureModelFiles(context: BenchContext): Promise<ModelFilesResults> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    context.say('model files: time to ready with and without rewriting');
    const { bytes, ready } = await measureReady(folder, context.rounds);
    context.say('model files: requests/s with and without rewritten inputs and outputs');
    return { bytes, ready, series: await measureRequests(folder, context) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureReady(folder: string, rounds: number): Promise<Pick<ModelFilesResults, 'bytes' | 'ready'>> {
  let bytes = 0;
  const ready = variants.map((variant) => {
    const path = join(folder, `${variant}.onnx`);
    const model = mlpVariant(large, variant);
    writeFileSync(path, model);
    bytes = model.length;
    return { variant, path, prepareMs: [] as number[], readyMs: [] as number[] };
  });
  for (let round = -1; round < 2 * rounds; round++) {
    for (let turn = 0; turn < ready.length; turn++) {
      const one = ready[(turn + round + ready.length) % ready.length] as (typeof ready)[number];
      const { prepareMs, readyMs } = await readyOnce(one.path, join(folder, 'rewritten'));
      if (round < 0) continue;
      one.prepareMs.push(prepareMs);
      one.readyMs.push(readyMs);
    }
  }
  return { bytes, ready: ready.map(({ variant, prepareMs, readyMs }) => ({ variant, prepareMs, readyMs })) };
}

/** As the server does it for a file that it has never seen. */
async function readyOnce(path: string, cacheDirectory: string): Promise<{ prepareMs: number; readyMs: number }> {
  rmSync(cacheDirectory, { recursive: true, force: true });
  const engine = new ProcessEngine({ observer: {}, telemetry: false, loadTimeoutMs: 120_000 });
  try {
    const startMs = performance.now();
    const prepared = await prepareModel(path, { cacheDirectory });
    const prepareMs = performance.now() - startMs;
    const files = () => prepared.files();
    await engine.load({ id: { name: 'large', version: 1 }, files, instances: 1, threads: 1 });
    return { prepareMs: rounded(prepareMs), readyMs: rounded(performance.now() - startMs) };
  } finally {
    await engine.close();
  }
}

const rounded = (milliseconds: number): number => Number(milliseconds.toFixed(1));

async function measureRequests(folder: string, context: BenchContext): Promise<Series[]> {
  const { cores, generator, quick, rounds } = context;
  const models = join(folder, 'models');
  variants.forEach((variant, index) => {
    mkdirSync(join(models, nameOf(index), '1'), { recursive: true });
    writeFileSync(join(models, nameOf(index), '1', 'model.onnx'), mlpVariant(small, variant));
  });
  const server = await launchSlipway({ folder: models }, { cores: cores.server });
  try {
    const entries = variants.map((variant, index) => {
      const requests = slipwayRequests(makeWorkload('mlp'), 'v2', nameOf(index));
      const contender = new HttpContender({ name: variant, generator, server, requests });
      return { contender, workload: 'mlp', protocol: 'v2' };
    });
    const window = { connections: 64, warmupMs: 300, durationMs: quick ? 1000 : 2000 };
    // The difference is small: twice the rounds of other sections.
    return await measureInTurns(entries, window, 2 * rounds);
  } finally {
    await server.stop();
  }
}

const nameOf = (index: number): string => `variant-${index}`;
