import { median } from '../../test/support/statistics.js';
import type { Sample } from '../contenders/contender.js';
import type { TimesToReady } from '../sections/model-files.js';
import type { Results } from '../sections/sections.js';
import type { Series } from '../sections/series.js';
import { findSeries, type SeriesQuery } from './find-series.js';
import { figure, percent, times } from './markdown.js';
import { cpuUs, medianOf, ratio, requestsPerSecond } from './statistics.js';

/** Something that is promised, and what was measured. */
export interface Bar {
  readonly about: string;
  readonly wanted: string;
  /** NaN where it was not measured. */
  readonly measured: number;
  readonly show: (value: number) => string;
  readonly isReached: (value: number) => boolean;
}

const slipway = { contender: 'Slipway', protocol: 'v1' } as const;
const naive = { contender: 'naive', protocol: 'v1' } as const;
const milliseconds = (value: number): string => `${figure(value)} ms`;

export function bars(results: Results): readonly Bar[] {
  return [
    ...servingBars(results),
    ...bothCoresBars(results),
    ...scaleBars(results),
    ...overloadBars(results),
    ...fileBars(results),
  ];
}

function servingBars({ serving }: Results): Bar[] {
  const all = serving?.data;
  const against = (
    ours: SeriesQuery,
    theirs: SeriesQuery,
    scene: SeriesQuery,
    pick: (sample: Sample) => number,
  ): number => compare(findSeries(all, { ...scene, ...ours }), findSeries(all, { ...scene, ...theirs }), pick);
  const mlp = { workload: 'mlp', connections: 64 };
  const single = { workload: 'mlp', connections: 1 };
  const resnet = { workload: 'resnet-50', connections: 16 };
  const images = { workload: 'image-mean', connections: 16 };
  const engine = { contender: 'raw engine' };
  const binary = { contender: 'Slipway', protocol: 'v2-binary' };
  const mnist = { workload: 'mnist-cnn', connections: 64 };
  const workerMs = (query: SeriesQuery): number =>
    medianOrNothing(findSeries(all, { ...images, ...query }), (sample) => sample.workerCpuUs) / 1000;
  return [
    atLeast(
      1.6,
      times,
      'MLP over JSON, 64 connections: requests/s against naive',
      against(slipway, naive, mlp, requestsPerSecond),
    ),
    atLeast(
      2.5,
      times,
      'MNIST over JSON, 64 connections: requests/s against naive',
      against(slipway, naive, mnist, requestsPerSecond),
    ),
    atMost(
      1.15,
      times,
      'MLP over JSON, 1 connection: p50 against naive',
      against(slipway, naive, single, (sample) => sample.p50Ms),
    ),
    atMost(
      1,
      times,
      'MLP over JSON, 1 connection: CPU a request against naive',
      against(slipway, naive, single, cpuUs),
    ),
    atLeast(
      0.93,
      percent,
      'ResNet-50 over JSON, 16 connections: inferences/s against the raw engine',
      against(slipway, engine, resnet, requestsPerSecond),
    ),
    atLeast(
      0.97,
      percent,
      'ResNet-50 over v2 binary, 16 connections: inferences/s against the raw engine',
      against(binary, engine, resnet, requestsPerSecond),
    ),
    atMost(5, milliseconds, 'CPU of the worker for a 3×224×224 image over JSON, 16 connections', workerMs(slipway)),
    atMost(
      0.5,
      milliseconds,
      'CPU of the worker for a 3×224×224 image over v2 binary, 16 connections',
      workerMs(binary),
    ),
    atMost(
      150,
      (value) => `${figure(value)} MiB`,
      'Memory of the worker under MNIST, JSON, 64 connections',
      medianOrNothing(findSeries(all, { ...mnist, ...slipway }), (sample) => sample.workerBytes) / 2 ** 20,
    ),
  ];
}

function bothCoresBars(results: Results): Bar[] {
  const all = results['both-cores']?.data;
  const share = (workload: string): number => {
    const raw = all?.find((series) => series.workload === workload && series.contender.startsWith('raw engine'));
    return compare(findSeries(all, { workload, ...slipway }), raw, requestsPerSecond);
  };
  const resnet = findSeries(all, { workload: 'resnet-50', ...slipway });
  return [
    atLeast(
      0.95,
      percent,
      'All cores, text encoder of mixed lengths, 64 connections: against raw engines',
      share('text-encoder'),
    ),
    atLeast(0.9, percent, 'All cores, ResNet-50 over JSON, 16 connections: against raw engines', share('resnet-50')),
    atMost(
      1.5,
      times,
      'The same: p99 against p50',
      medianOrNothing(resnet, ({ p99Ms, p50Ms }) => p99Ms / p50Ms),
    ),
  ];
}

function scaleBars(results: Results): Bar[] {
  const all = results.connections?.data.busy ?? [];
  const busy = all.filter(({ contender, connections }) => contender === 'Slipway' && connections >= 64);
  const rates = busy.map((series) => medianOf(series, requestsPerSecond));
  const idle = results.connections?.data.idle.map(({ bytesEach }) => bytesEach) ?? [Number.NaN];
  const [alone, ...crowds] = results['many-models']?.data.series ?? [];
  const kept = crowds.map((series) => compare(series, alone, requestsPerSecond));
  const [on, off] = results.observability?.data ?? [];
  return [
    atLeast(
      0.85,
      percent,
      '64 to 5,000 busy connections: the slowest requests/s against the fastest',
      rates.length === 0 ? Number.NaN : Math.min(...rates) / Math.max(...rates),
    ),
    atMost(20, (value) => `${figure(value)} KiB`, 'Memory of an idle connection', Math.max(...idle) / 1024),
    atLeast(
      0.95,
      percent,
      '10 and 100 models loaded: requests/s on one of them against one alone',
      kept.length === 0 ? Number.NaN : Math.min(...kept),
    ),
    atMost(600, milliseconds, 'Start to ready with the shipped models', results.start?.data.readyMs ?? Number.NaN),
    atLeast(0.95, percent, 'Logs and metrics on: requests/s against off', compare(on, off, requestsPerSecond)),
  ];
}

function overloadBars({ overload }: Results): Bar[] {
  const steps = overload?.data.steps ?? [];
  const drowned = steps.filter(({ factor }) => factor >= 2);
  const of = (values: readonly number[], pick: (...values: number[]) => number): number =>
    values.length === 0 ? Number.NaN : pick(...values);
  return [
    atLeast(
      0.95,
      percent,
      'Overload of 2 and 10 times the capacity: goodput against the peak',
      of(
        drowned.map(({ ofPeak }) => ofPeak),
        Math.min,
      ),
    ),
    atMost(
      5,
      milliseconds,
      'The same: p50 of a rejection',
      of(
        drowned.map(({ rejectedP50Ms }) => rejectedP50Ms),
        Math.max,
      ),
    ),
  ];
}

function fileBars(results: Results): Bar[] {
  const { ready = [], series = [] } = results['model-files']?.data ?? {};
  const [asItIs, ...rewritten] = ready;
  const [plain, ...others] = series;
  const slowest = asItIs === undefined ? Number.NaN : Math.max(...rewritten.map((one) => readyRatio(one, asItIs)));
  const rates = others.map((one) => compare(one, plain, requestsPerSecond));
  return [
    atMost(1.1, times, 'Time to ready of 100 MB that have to be rewritten, against the same as they are', slowest),
    atLeast(
      0.95,
      percent,
      'MLP with rewritten inputs and outputs: requests/s against the same without',
      rates.length === 0 ? Number.NaN : Math.min(...rates),
    ),
  ];
}

/** The median over the rounds of one model's time over the other's in the same round. */
const readyRatio = (one: TimesToReady, to: TimesToReady): number =>
  median(one.readyMs.map((readyMs, round) => readyMs / (to.readyMs[round] as number)));

const compare = (ours: Series | undefined, theirs: Series | undefined, pick: (sample: Sample) => number): number =>
  ours === undefined || theirs === undefined ? Number.NaN : ratio(ours, theirs, pick);

const medianOrNothing = (series: Series | undefined, pick: (sample: Sample) => number): number =>
  series === undefined ? Number.NaN : median(series.rounds.map(pick));

const atLeast = (limit: number, show: Bar['show'], about: string, measured: number): Bar => ({
  about,
  measured,
  show,
  wanted: `≥ ${show(limit)}`,
  isReached: (value) => value >= limit,
});

const atMost = (limit: number, show: Bar['show'], about: string, measured: number): Bar => ({
  about,
  measured,
  show,
  wanted: `≤ ${show(limit)}`,
  isReached: (value) => value <= limit,
});
