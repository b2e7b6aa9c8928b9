import { setTimeout as after } from 'node:timers/promises';
import { type ModelName, modelFile } from '../../bench/recipes/make-models.js';
import { requestBody } from '../../bench/workloads/request-body.js';
import { workload } from '../../bench/workloads/workloads.js';
import { GoodClients, type RightAnswer } from '../../test/support/good-clients.js';
import type { LogLine } from '../../test/support/server-process.js';
import { quantile } from '../../test/support/statistics.js';
import { repeating } from './repeated-question.js';
import { type Scene, serving, warmUp } from './scene.js';
import { table } from './table.js';

interface Candidate {
  readonly model: ModelName;
  readonly callers: number;
}

const candidates: readonly Candidate[] = [
  { model: 'mnist-cnn', callers: 8 },
  { model: 'text-encoder', callers: 1 },
  { model: 'text-encoder', callers: 8 },
  { model: 'resnet-50', callers: 1 },
  { model: 'resnet-50', callers: 4 },
];

const swaps = 8;
/** After each. */
const pauseMs = 2000;

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What callers notice while a new version is loaded, tried out and measured beside the one that serves them, and then. */
export async function measureSwaps(seconds: number): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const candidate of candidates) {
    console.error(`· swap: ${candidate.model}, callers: ${candidate.callers}`);
    rows.push(await measure(candidate, seconds));
  }
  const head = ['model', 'callers', 'before: median, ms', '99 %, ms', 'while loading', '99 %', 'just after', '99 %'];
  return table([...head, '99 % while loading : before', 'one load, s'], rows);
}

async function measure({ model, callers }: Candidate, seconds: number): Promise<readonly string[]> {
  const [question = []] = workload(model).questions;
  const body = Buffer.from(requestBody('v1', question).bytes).toString();
  const audience = { ask: repeating(`/v1/models/${model}/predict`, body), count: callers, longestPauseMs: 0 };
  return serving([{ name: model, file: modelFile(model) }], async (scene) => {
    await warmUp(scene, audience);
    const good = new GoodClients({ caller: scene.caller, ...audience });
    const calm: Stretch[] = [];
    const loads: Stretch[] = [];
    // By turns: what else the machine does meanwhile then falls on both alike.
    for (let version = 2; version < 2 + swaps; version++) {
      const fromMs = Date.now();
      await after((seconds * 1000) / swaps);
      calm.push({ fromMs, toMs: Date.now() });
      loads.push(await load(scene, model, version));
      await after(pauseMs);
    }
    await good.stopAllRight();
    const afterwards = loads.map(({ toMs }) => ({ fromMs: toMs, toMs: toMs + pauseMs }));
    const stretches = [calm, loads, afterwards].map((some) => latenciesWithin(good.answers, some));
    const [before = [], during = []] = stretches;
    const ratio = quantile(during, 0.99) / quantile(before, 0.99);
    const loadMs = loads.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / loads.length;
    const cells = stretches.flatMap((latencies) => [0.5, 0.99].map((share) => quantile(latencies, share).toFixed(1)));
    return [model, String(callers), ...cells, ratio.toFixed(2), (loadMs / 1000).toFixed(1)];
  });
}

/** When the server began to load the new version, and when that began to serve. */
async function load({ server, folder }: Scene, model: ModelName, version: number): Promise<Stretch> {
  const served = (): LogLine | undefined =>
    server.log.find((line) => line.version === version && line.state === 'AVAILABLE');
  folder.put(modelFile(model), `${model}/${version}/model.onnx`);
  await server.until(async () => served() !== undefined, `serving version ${version}`);
  const { time, loadMs } = served() as LogLine;
  const toMs = Date.parse(String(time));
  return { fromMs: toMs - Number(loadMs), toMs };
}

/** Of the requests that were open at any moment of the stretches. */
const latenciesWithin = (answers: readonly RightAnswer[], stretches: readonly Stretch[]): number[] =>
  answers
    .filter(({ atMs, latencyMs }) => stretches.some(({ fromMs, toMs }) => atMs > fromMs && atMs - latencyMs < toMs))
    .map(({ latencyMs }) => latencyMs);
