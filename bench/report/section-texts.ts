import type { CodecResults } from '../sections/codecs.js';
import type { ConnectionResults } from '../sections/connections.js';
import type { FrontsResults } from '../sections/fronts.js';
import type { ManyModelsResults } from '../sections/many-models.js';
import type { OverloadResults } from '../sections/overload.js';
import type { Series } from '../sections/series.js';
import type { StartResults } from '../sections/start.js';
import { figure, megabytes, percent, table, times } from './markdown.js';
import { cpuUs, medianOf, quantile, ratio, requestsPerSecond } from './statistics.js';

export function bothCoresSection(all: readonly Series[]): string {
  const rows = all.map((series) => {
    const raw = all.find((one) => one.workload === series.workload && one.contender.startsWith('raw engine'));
    const { workload, contender, connections, protocol } = series;
    return [
      workload,
      contender,
      protocol === 'none' ? '' : String(connections),
      figure(medianOf(series, requestsPerSecond)),
      raw === undefined ? '–' : percent(ratio(series, raw, requestsPerSecond)),
      figure(medianOf(series, (sample) => sample.p50Ms)),
      figure(medianOf(series, (sample) => sample.p99Ms)),
    ];
  });
  const head = ['model', 'server', 'connections', 'requests/s', 'of the raw engines', 'p50 ms', 'p99 ms'];
  return `## All cores

The server has all cores, and the load generator runs beside it. The ceiling is one raw engine a core, fed the same
rows; the naive server's one session has as many threads as there are cores.

${table(head, rows, 3)}`;
}

export function overloadSection({ tokens, maxQueueRows, capacityPerSecond, steps }: OverloadResults): string {
  const rows = steps.map((step) => [
    `${step.factor} ×`,
    figure(step.offeredPerSecond),
    figure(step.goodputPerSecond),
    percent(step.ofPeak),
    figure(step.admittedP50Ms),
    figure(step.admittedP99Ms),
    step.refusedPerSecond > 0 ? figure(step.refusedPerSecond) : '–',
    figure(step.refusedP50Ms),
    figure(step.refusedP99Ms),
  ]);
  const latencies = ['p50 ms', 'p99 ms'];
  const head = [
    'load',
    'offered/s',
    'answered/s',
    'of the peak',
    ...latencies,
    'refused/s',
    'p50 ms of a refusal',
    'p99 ms',
  ];
  return `## Overload

![Goodput under overload](benchmarks/overload.svg)

Arrivals at random (Poisson) that do not wait for answers; latency counts from the moment a request was due. The text
encoder gets ${tokens} tokens a request and answers ${figure(capacityPerSecond)} requests/s to 64 callers who wait: the capacity. Its queue
holds ${maxQueueRows} rows (\`--max-queue-rows ${maxQueueRows}\`), so an admitted request waits about ${figure((1000 * maxQueueRows) / capacityPerSecond)} ms at most; the rest is told
503 with \`Retry-After\`.

${table(head, rows)}`;
}

export function connectionsSection({ busy, newcomers, idle }: ConnectionResults): string {
  const rows = busy.map((series) => [
    series.contender,
    series.connections,
    figure(medianOf(series, requestsPerSecond)),
    figure(medianOf(series, (sample) => sample.p50Ms)),
    figure(medianOf(series, (sample) => sample.p99Ms)),
    figure(medianOf(series, cpuUs)),
    megabytes(medianOf(series, (sample) => sample.frontBytes)),
  ]);
  const idleRows = idle.map(({ connections, bytesEach }) => [connections, figure(bytesEach / 1024)]);
  const newcomerRows = newcomers.map(({ connections, waitsMs }) => [
    connections,
    waitsMs.length,
    ...[0.5, 0.99, 1].map((share) => figure(quantile(waitsMs, share))),
  ]);
  return `## Connections

![Requests/s by connections](benchmarks/connections.svg)

MLP over JSON, every connection busy; the floor is a Fastify route that does nothing, "sockets alone" a \`node:net\` server
that writes the same answer to whatever comes:

${table(['server', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs', 'front MiB'], rows, 1)}

Somebody new among them: a health check on a connection of its own, milliseconds, while all the others came a moment ago:

${table(['busy connections', 'health checks', 'p50 ms', 'p99 ms', 'longest'], newcomerRows)}

Connections that asked once and then stay open; the front's memory before and after, by their number:

${table(['connections', 'KiB each'], idleRows)}`;
}

export function frontsSection({ serverCores, generators, series }: FrontsResults): string {
  const rows = series.map((one) => {
    const alone = series.find(({ contender, connections }) => contender === '1' && connections === one.connections);
    return [
      one.contender,
      one.connections,
      figure(medianOf(one, requestsPerSecond)),
      alone === undefined ? '–' : times(ratio(one, alone, requestsPerSecond)),
      figure(medianOf(one, (sample) => sample.p50Ms)),
      figure(medianOf(one, (sample) => sample.p99Ms)),
      figure(medianOf(one, cpuUs)),
      megabytes(medianOf(one, (sample) => sample.frontBytes + sample.engineBytes)),
    ];
  });
  const head = ['fronts', 'connections', 'requests/s', 'of one', 'p50 ms', 'p99 ms', 'CPU µs', 'MiB, all processes'];
  return `## Several front processes

MLP over JSON, \`--fronts\` as the first column says, the server on ${serverCores} cores, ${generators} load generator${generators === 1 ? '' : 's'} beside it. CPU time
and memory are those of all the server's processes.

${table(head, rows)}`;
}

export function manyModelsSection({ series, loaded }: ManyModelsResults): string {
  const alone = series[0];
  const rows = loaded.map(({ models, readyMs, processes, frontBytes, engineBytes }, index) => {
    const one = series[index];
    return [
      models,
      one === undefined ? '–' : figure(medianOf(one, requestsPerSecond)),
      one === undefined || alone === undefined ? '–' : percent(ratio(one, alone, requestsPerSecond)),
      figure(readyMs),
      processes,
      megabytes(frontBytes),
      megabytes(engineBytes),
    ];
  });
  const head = [
    'models',
    'requests/s on one',
    'of one alone',
    'ready after ms',
    'engine processes',
    'front MiB',
    'engines MiB',
  ];
  return `## Many models

Copies of the MLP, one of them under the load of 64 connections, the others loaded and idle, everything on one core.

${table(head, rows)}`;
}

export function observabilitySection(all: readonly Series[]): string {
  const off = all.find((series) => series.contender === 'off');
  const rows = all.map((series) => [
    series.contender,
    figure(medianOf(series, requestsPerSecond)),
    off === undefined ? '–' : percent(ratio(series, off, requestsPerSecond)),
    figure(medianOf(series, cpuUs)),
  ]);
  return `## Logs and metrics

MLP over JSON, 64 connections: as they are by default, and [with nobody listening](../bench/contenders/unobserved-slipway.ts).

${table(['logs and metrics', 'requests/s', 'of off', 'CPU µs'], rows)}`;
}

export const startSection = ({ listeningMs, readyMs, starts, emptyProgramMs }: StartResults): string => `## Start

With the shipped models and all cores, from the start of the process, the median of ${starts}: it listens after ${listeningMs} ms
and all models serve (\`/v2/health/ready\`) after ${readyMs} ms. \`node --eval 0\` takes ${emptyProgramMs} ms here, and the front and
each of the five engine processes is a Node.js program.`;

export const codecsSection = ({ table: printed }: CodecResults): string => `## JSON codecs

One tensor in µs: read from a body's bytes against \`JSON.parse\` and flattening into a typed array, written against
\`JSON.stringify\` ([bench/codecs.ts](../bench/codecs.ts)).

${printed}`;
