import type { ModelName } from '../recipes/make-models.js';
import type { Series } from '../sections/series.js';
import { workload } from '../workloads/workloads.js';
import { findSeries } from './find-series.js';
import { figure, megabytes, table, times } from './markdown.js';
import { medianOf, ratio, requestsPerSecond } from './statistics.js';

const head = [
  'connections',
  'server',
  'asked by',
  'requests/s',
  '× naive',
  'p50 ms',
  'p99 ms',
  'CPU µs: front',
  'engines',
  'MiB: front',
  'engines',
];

/** One table a workload. */
export function servingSection(all: readonly Series[]): string {
  const models = [...new Set(all.map((series) => series.workload))] as ModelName[];
  const tables = models.map((model) => {
    const series = all.filter((one) => one.workload === model);
    return `### ${workload(model).title}\n\n${table(
      head,
      series.map((one) => row(one, series)),
      3,
    )}`;
  });
  const charts = `![Requests/s over JSON with 64 callers](benchmarks/serving.svg)

![Share of the raw engine's inferences/s](benchmarks/engine-share.svg)`;
  const text = `Callers send their next request when the last one is answered. CPU time is a request's, of the process that listens
and of those below it; p50 and p99 of the raw engine are those of its runs.`;
  return `## Serving\n\n${charts}\n\n${text}\n\n${tables.join('\n\n')}`;
}

function row(series: Series, all: readonly Series[]): string[] {
  const { connections, contender, protocol } = series;
  const naive = findSeries(all, { contender: 'naive', protocol: 'v1', connections });
  const isNaive = series === naive;
  return [
    String(connections),
    contender,
    protocol === 'none' ? '' : protocol,
    figure(medianOf(series, requestsPerSecond)),
    isNaive || naive === undefined ? '' : times(ratio(series, naive, requestsPerSecond)),
    figure(medianOf(series, (sample) => sample.p50Ms)),
    figure(medianOf(series, (sample) => sample.p99Ms)),
    blankZero(medianOf(series, (sample) => sample.frontCpuUs)),
    blankZero(medianOf(series, (sample) => sample.engineCpuUs)),
    megabytes(medianOf(series, (sample) => sample.frontBytes)),
    megabytes(medianOf(series, (sample) => sample.engineBytes)),
  ];
}

const blankZero = (value: number): string => (value === 0 ? '–' : figure(value));
