import type { ModelFilesResults, TimesToReady } from '../sections/model-files.js';
import { figure, percent, table, times } from './markdown.js';
import { cpuUs, median, medianOf, ratio, requestsPerSecond } from './statistics.js';

/** The median over the rounds of one model's time over the other's in the same round. */
export const readyRatio = (one: TimesToReady, to: TimesToReady): number =>
  median(one.readyMs.map((readyMs, round) => readyMs / (to.readyMs[round] as number)));

export function modelFilesSection({ bytes, ready, series }: ModelFilesResults): string {
  const [asItIs] = ready;
  const readyRows = ready.map((one) => [
    one.edge,
    figure(median(one.prepareMs)),
    figure(median(one.readyMs)),
    asItIs === undefined ? '–' : times(readyRatio(one, asItIs)),
  ]);
  const [plain] = series;
  const requestRows = series.map((one) => [
    one.contender,
    figure(medianOf(one, requestsPerSecond)),
    plain === undefined ? '–' : percent(ratio(one, plain, requestsPerSecond)),
    figure(medianOf(one, cpuUs)),
  ]);
  return `## Models that have to be rewritten

A multilayer perceptron of ${figure(bytes / 1e6)} MB as it is, with its scores in a ZipMap, and with its input in bfloat16: from the
file to an engine process that has it loaded, nothing of it known from before.

${table(['edge', 'prepared after ms', 'ready after ms', 'of as it is'], readyRows)}

The smallest one over v2's JSON, 64 connections:

${table(['edge', 'requests/s', 'of as it is', 'CPU µs'], requestRows)}`;
}
