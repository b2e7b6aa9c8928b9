import type { ModelName } from '../recipes/make-models.js';
import type { Series } from '../sections/series.js';
import { workload } from '../workloads/workloads.js';
import { findSeries, usualCallers } from './find-series.js';
import { figure, megabytes, percent, table, times } from './markdown.js';
import { medianOf, ratio, requestsPerSecond } from './statistics.js';

const ownContenders = ['Slipway', 'HTTP floor', 'raw engine'];

/** Two rows for a workload, of one caller and of many: Slipway over JSON, and what others are against it. Other numbers are in results.json. */
export function servingSection(all: readonly Series[]): string {
  const others = [...new Set(all.map(({ contender }) => contender))].filter((name) => !ownContenders.includes(name));
  const head = [
    'model',
    'callers',
    'requests/s',
    ...others.map((name) => `× ${name}`),
    'of the raw engine',
    'over v2 binary',
    'p50 ms',
    'p99 ms',
    'CPU µs of the worker',
    'MiB',
  ];
  const own = all.filter(
    ({ workload: model, contender, protocol, connections }) =>
      contender === 'Slipway' && protocol === 'v1' && [1, usualCallers(all, model)].includes(connections),
  );
  const rows = own.map((series) => row(series, all, others));
  const charts = `![Requests/s over JSON with 64 callers](benchmarks/serving.svg)

![Share of the raw engine's inferences/s](benchmarks/engine-share.svg)`;
  const text = `Slipway over JSON (\`/v1\`), beside the others over JSON. Callers send their next request when the last one is answered. CPU time and
memory are the worker's.`;
  return `## Serving\n\n${charts}\n\n${text}\n\n${table(head, rows)}`;
}

function row(series: Series, all: readonly Series[], others: readonly string[]): string[] {
  const { workload: name, connections } = series;
  const beside = (contender: string, protocol: Series['protocol']) =>
    findSeries(all, { workload: name, connections, contender, protocol });
  const raw = beside('raw engine', 'none');
  const binary = beside('Slipway', 'v2-binary');
  const against = others.map((contender) => {
    const other = beside(contender, 'v1');
    return other === undefined ? '–' : times(ratio(series, other, requestsPerSecond));
  });
  return [
    workload(name as ModelName).title,
    String(connections),
    figure(medianOf(series, requestsPerSecond)),
    ...against,
    raw === undefined ? '–' : percent(ratio(series, raw, requestsPerSecond)),
    binary === undefined ? '–' : figure(medianOf(binary, requestsPerSecond)),
    figure(medianOf(series, (sample) => sample.p50Ms)),
    figure(medianOf(series, (sample) => sample.p99Ms)),
    figure(medianOf(series, (sample) => sample.workerCpuUs)),
    megabytes(medianOf(series, (sample) => sample.workerBytes)),
  ];
}
