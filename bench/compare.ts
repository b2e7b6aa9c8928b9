/**
 * This tree against another checkout of the project, which has to be built: a new process of each in every round, in turns,
 * with the same models, over JSON. Prints the medians, and the median of the ratios within a round.
 *
 *   npm run bench:compare -- --against DIR [--workloads mlp,mnist-cnn] [--connections 64,1] [--rounds 9] [--at-least 0.97]
 *
 * With `--at-least` it exits with 1 where a ratio of requests a second is below that.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HttpContender } from './contenders/http-contender.js';
import { launchSlipway, slipwayRequests } from './contenders/servers.js';
import { LoadGenerator } from './load/load-generator.js';
import { planCores } from './machine/cores.js';
import type { ModelName } from './recipes/make-models.js';
import { cpuUs, medianOf, ratio, requestsPerSecond } from './report/statistics.js';
import { measureAnew, type Series } from './sections/series.js';
import { workload as makeWorkload, workloadNames } from './workloads/workloads.js';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    workloads: { type: 'string', default: 'mlp,mnist-cnn' },
    connections: { type: 'string', default: '64,1' },
    rounds: { type: 'string', default: '9' },
    'at-least': { type: 'string' },
  },
});
const checkout = values.against === undefined ? undefined : resolve(values.against);
if (checkout === undefined || !existsSync(join(checkout, 'dist/bundle/slipway.js'))) {
  console.error('--against: expected the folder of another checkout of this project, built with npm run build');
  process.exit(2);
}
const [rounds, least] = [Number(values.rounds), Number(values['at-least'] ?? 0)];
const connectionCounts = values.connections.split(',').map(Number);
const models = values.workloads.split(',').map((name): ModelName => {
  const known = workloadNames.find((one) => one === name);
  if (known === undefined) throw new Error(`--workloads: "${name}" is none of ${workloadNames.join(', ')}`);
  return known;
});

const cores = planCores();
const generator = new LoadGenerator(cores.generator);
/** Long enough for V8 to have compiled what it will. */
const window = { warmupMs: 2500, durationMs: 2500 };

let isBelow = false;
try {
  for (const model of models) {
    for (const connections of connectionCounts) {
      const [before, now] = (await compared(model, connections)) as [Series, Series];
      const share = ratio(now, before, requestsPerSecond);
      isBelow ||= share < least;
      console.log(
        `${model}, ${connections} connections, ${rounds} rounds: ${Math.round(medianOf(before, requestsPerSecond))} requests/s there, ` +
          `${Math.round(medianOf(now, requestsPerSecond))} here, ratio ${share.toFixed(3)}; CPU ${medianOf(before, cpuUs).toFixed(1)} µs a request there, ` +
          `${medianOf(now, cpuUs).toFixed(1)} here; p50 ${medianOf(before, ({ p50Ms }) => p50Ms).toFixed(3)} ms there, ${medianOf(now, ({ p50Ms }) => p50Ms).toFixed(3)} here; ` +
          `failures ${failures(before)} there, ${failures(now)} here`,
      );
    }
  }
} finally {
  generator.stop();
}
process.exitCode = isBelow ? 1 : 0;

function compared(model: ModelName, connections: number): Promise<Series[]> {
  const requests = slipwayRequests(makeWorkload(model), 'v1');
  const starts = [checkout, undefined].map((place) => async () => {
    const server = await launchSlipway(
      { model },
      { cores: cores.server, ...(place !== undefined && { checkout: place }) },
    );
    const name = place === undefined ? 'here' : 'there';
    const contender = new HttpContender({ name, generator, server, requests });
    return { contender, workload: model, protocol: 'v1', stop: () => server.stop() };
  });
  return measureAnew(starts, { connections, ...window }, rounds);
}

function failures({ rounds: samples }: Series): number {
  return samples.reduce((sum, sample) => sum + sample.failures, 0);
}
