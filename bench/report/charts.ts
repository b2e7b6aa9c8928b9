import type { ModelName } from '../recipes/make-models.js';
import type { Results } from '../sections/sections.js';
import type { Series } from '../sections/series.js';
import { workload } from '../workloads/workloads.js';
import { barChart, type ChartGroup } from './bar-chart.js';
import { findSeries, type SeriesQuery, usualCallers } from './find-series.js';
import { figure, percent, times } from './markdown.js';
import { medianOf, ratio, requestsPerSecond } from './statistics.js';

/** File name → SVG, of what was measured so far. */
export function charts({ serving, overload, connections }: Results): Record<string, string> {
  const files: Record<string, string> = {};
  if (serving !== undefined) {
    files['serving.svg'] = servingChart(serving.data);
    files['engine-share.svg'] = engineShareChart(serving.data);
  }
  if (overload !== undefined) {
    const { capacityPerSecond, steps } = overload.data;
    files['overload.svg'] = barChart({
      title: 'Requests answered with 200, by what is offered',
      mark: { value: 1, text: 'capacity' },
      groups: steps.map(({ factor, goodputPerSecond }) => ({
        label: `${factor} × capacity`,
        bars: [one('answered', goodputPerSecond / capacityPerSecond, `${figure(goodputPerSecond)}/s`)],
      })),
    });
  }
  if (connections !== undefined) {
    files['connections.svg'] = barChart({
      title: 'Requests/s by busy connections, MLP over JSON',
      groups: crowds(connections.data.busy),
    });
  }
  return files;
}

const crowds = (busy: readonly Series[]): ChartGroup[] =>
  [...new Set(busy.map(({ connections }) => connections))].map((connections) => ({
    label: `${connections} connections`,
    bars: busy
      .filter((series) => series.connections === connections)
      .map((series) => {
        const rate = medianOf(series, requestsPerSecond);
        return one(series.contender, rate, figure(rate));
      }),
  }));

const one = (series: string, value: number, text: string) => ({ series, value, text });

function servingChart(all: readonly Series[]): string {
  const groups = groupsOf(
    all,
    { contender: 'naive', protocol: 'v1' },
    [
      { name: 'Slipway, JSON', query: { contender: 'Slipway', protocol: 'v1' } },
      { name: 'Slipway, v2 binary', query: { contender: 'Slipway', protocol: 'v2-binary' } },
      { name: 'naive, JSON', query: { contender: 'naive', protocol: 'v1' } },
    ],
    (rate, share) => `${figure(rate)}/s, ${times(share)}`,
  );
  return barChart({ title: 'Requests/s on one core, against the naive server', groups });
}

function engineShareChart(all: readonly Series[]): string {
  const heavy = all.filter((series) => ['text-encoder', 'resnet-50'].includes(series.workload));
  const groups = groupsOf(
    heavy,
    { contender: 'raw engine' },
    [
      { name: 'Slipway, JSON', query: { contender: 'Slipway', protocol: 'v1' } },
      { name: 'Slipway, v2 binary', query: { contender: 'Slipway', protocol: 'v2-binary' } },
      { name: 'naive, JSON', query: { contender: 'naive', protocol: 'v1' } },
    ],
    (_rate, share) => percent(share),
  );
  return barChart({
    title: 'Inferences/s on one core, against the raw engine',
    groups,
    mark: { value: 1, text: 'raw engine' },
  });
}

function groupsOf(
  all: readonly Series[],
  base: SeriesQuery,
  rows: readonly { name: string; query: SeriesQuery }[],
  text: (rate: number, share: number) => string,
): ChartGroup[] {
  return [...new Set(all.map((series) => series.workload))].map((model) => {
    const scene = { workload: model, connections: usualCallers(all, model) };
    const reference = findSeries(all, { ...scene, ...base });
    const bars = rows.flatMap(({ name, query }) => {
      const series = findSeries(all, { ...scene, ...query });
      if (series === undefined || reference === undefined) return [];
      const share = ratio(series, reference, requestsPerSecond);
      return [one(name, share, text(medianOf(series, requestsPerSecond), share))];
    });
    return { label: workload(model as ModelName).title, bars };
  });
}
