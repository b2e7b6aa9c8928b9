/**
 * What the way to the engine and back costs: latency with one run at a time, and the worker's CPU time a run when
 * the engine always has its next run at hand. Run it on a quiet machine:
 *
 *   npm run build && node dist/bench/engine-round-trip.js
 */
import { join } from 'node:path';
import type { Batch, InstanceGroup } from '../src/core/inference-engine.js';
import { ProcessEngine } from '../src/engine/process-engine.js';
import { median } from '../test/support/statistics.js';
import { projectRoot } from '../tools/project-root.js';

const modelsDirectory = join(projectRoot(), 'test/models/engine');
const roundMs = 700;
const rounds = 5;

interface Measurement {
  readonly title: string;
  readonly model: string;
  readonly batch: Batch;
}

const floats = (shape: readonly number[], parts = 1): Batch['inputs'][number] => {
  const length = shape.reduce((product, size) => product * size, 1) / parts;
  return {
    name: 'x',
    dataType: 'FP32',
    shape,
    parts: Array.from({ length: parts }, () => new Float32Array(length).fill(0.5)),
  };
};

const to = (model: string, title: string, input: Batch['inputs'][number]): Measurement => ({
  title,
  model,
  batch: { inputs: [input], outputs: ['y'] },
});

const texts = Array.from({ length: 256 }, (_, index) => `the quick brown fox number ${index}`);

const measurements: readonly Measurement[] = [
  to('mlp', 'MLP, 1 row', floats([1, 4])),
  to('mlp', 'MLP, 64 rows of 64 requests', floats([64, 4], 64)),
  to('row-sum', '1 KB in', floats([1, 256])),
  to('row-sum', '600 KB in', floats([1, 150_528])),
  to('row-sum', '6 MB in', floats([1, 1_572_864])),
  to('identity-fp32', '600 KB in and out', floats([1, 150_528])),
  to('identity-fp32', '6 MB in and out', floats([1, 1_572_864])),
  to('identity-bytes', '256 texts in and out', { name: 'x', dataType: 'BYTES', shape: [256], parts: [texts] }),
];

/** Milliseconds a run, one at a time: with the run itself, and what remains without it. */
async function latency(group: InstanceGroup, batch: Batch): Promise<{ totalMs: number; wayMs: number }> {
  const endMs = performance.now() + roundMs;
  const totals: number[] = [];
  const ways: number[] = [];
  while (performance.now() < endMs) {
    const startedMs = performance.now();
    const { computeMs } = (await group.tryRun(batch)) ?? { computeMs: 0 };
    const totalMs = performance.now() - startedMs;
    totals.push(totalMs);
    ways.push(totalMs - computeMs);
  }
  return { totalMs: median(totals), wayMs: median(ways) };
}

/** Runs a second, and milliseconds of this process's CPU time a run, with whatever may be in flight in flight. */
async function throughput(group: InstanceGroup, batch: Batch): Promise<{ perSecond: number; cpuMs: number }> {
  let count = 0;
  let running = 0;
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  await new Promise<void>((resolve) => {
    const fill = (): void => {
      if (performance.now() - startedMs > roundMs) {
        if (running === 0) resolve();
        return;
      }
      for (let run = group.tryRun(batch); run !== undefined; run = group.tryRun(batch)) {
        running++;
        void run.then(() => {
          running--;
          count++;
          if (running === 0) fill();
        });
      }
    };
    group.onCapacity(fill);
    fill();
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  group.onCapacity(() => {});
  return { perSecond: (1000 * count) / (performance.now() - startedMs), cpuMs: (user + system) / 1000 / count };
}

const engine = new ProcessEngine({ observer: {}, telemetry: false, loadTimeoutMs: 30_000 });
const rows = [];
for (const { title, model, batch } of measurements) {
  const group = await engine.load({
    id: { name: model, version: 1 },
    files: () => ({ modelPath: join(modelsDirectory, `${model}.onnx`) }),
    instances: 1,
    threads: 1,
  });
  await latency(group, batch);
  const latencies = [];
  const throughputs = [];
  for (let round = 0; round < rounds; round++) {
    latencies.push(await latency(group, batch));
    throughputs.push(await throughput(group, batch));
  }
  const microseconds = (values: readonly number[]): number => Math.round(10_000 * median(values)) / 10;
  rows.push({
    'one run': title,
    'latency, µs': microseconds(latencies.map(({ totalMs }) => totalMs)),
    'of it not the run': microseconds(latencies.map(({ wayMs }) => wayMs)),
    'worker CPU, µs': microseconds(throughputs.map(({ cpuMs }) => cpuMs)),
    'runs a second': Math.round(median(throughputs.map(({ perSecond }) => perSecond))),
  });
  await group.close();
}
console.table(rows);
await engine.close();
