import { Random } from '../../test/support/random.js';
import { median } from '../../test/support/statistics.js';
import { launchSlipway } from '../contenders/servers.js';
import { httpRequest } from '../load/http-request.js';
import type { LoadReport } from '../load/load-plan.js';
import { requestBody } from '../workloads/request-body.js';
import { text } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';

/** What came of one rate of arrivals; medians over the rounds. */
export interface OverloadStep {
  /** Of the capacity. */
  readonly factor: number;
  readonly offeredPerSecond: number;
  /** Answered with 200. */
  readonly goodputPerSecond: number;
  /** Its goodput over that of the best step, within a round. */
  readonly ofPeak: number;
  readonly admittedP50Ms: number;
  readonly admittedP99Ms: number;
  readonly rejectedPerSecond: number;
  /** NaN where nothing was rejected. */
  readonly rejectedP50Ms: number;
  readonly rejectedP99Ms: number;
  readonly failures: number;
}

export interface OverloadResults {
  readonly tokens: number;
  readonly maxQueueRows: number;
  /** Requests a second with 64 callers who wait for their answers. */
  readonly capacityPerSecond: number;
  readonly steps: readonly OverloadStep[];
}

const tokens = 64;
const maxQueueRows = 128;
const factors = [0.5, 0.8, 1, 2, 10];

/** Arrivals that do not wait for answers, up to ten times what the server can compute. */
export async function measureOverload({
  cores,
  generator,
  rounds,
  quick,
  say,
}: BenchContext): Promise<OverloadResults> {
  const flags = ['--max-queue-rows', String(maxQueueRows)];
  const server = await launchSlipway({ model: 'text-encoder' }, { cores: cores.server, flags });
  const random = new Random(11);
  const requests = Array.from({ length: 16 }, () =>
    httpRequest('/v1/models/text-encoder/predict', requestBody('v1', text(tokens, random))),
  );
  const { host, port, pid } = server;
  const plan = { host, port, pid, requests, warmupMs: 2000, durationMs: quick ? 2000 : 20_000 };
  try {
    say('overload: capacity');
    const closed = await generator.run({ ...plan, pace: { kind: 'closed', connections: 64 } });
    const capacityPerSecond = (closed.answersByStatus[200] ?? 0) / closed.seconds;
    const reports = factors.map((): LoadReport[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, factor] of factors.entries()) {
        say(`overload: ${factor} × capacity`);
        const pace = { kind: 'open', requestsPerSecond: factor * capacityPerSecond, maxConnections: 1024 } as const;
        reports[index]?.push(await generator.run({ ...plan, pace }));
      }
    }
    const goodputs = reports.map((step) => step.map(goodputPerSecond));
    const peak = goodputs.reduce((best, step) => (median(step) > median(best) ? step : best));
    const steps = factors.map((factor, index) => ({
      ...stepOf(factor, reports[index] as LoadReport[]),
      ofPeak: median((goodputs[index] as number[]).map((goodput, round) => goodput / (peak[round] as number))),
    }));
    return { tokens, maxQueueRows, capacityPerSecond, steps };
  } finally {
    await server.stop();
  }
}

const goodputPerSecond = ({ answersByStatus, seconds }: LoadReport): number => (answersByStatus[200] ?? 0) / seconds;

function stepOf(factor: number, reports: readonly LoadReport[]): Omit<OverloadStep, 'ofPeak'> {
  const of = (pick: (report: LoadReport) => number | undefined): number =>
    median(reports.map((report) => pick(report) ?? Number.NaN));
  return {
    factor,
    offeredPerSecond: of(({ arrivals, seconds }) => arrivals / seconds),
    goodputPerSecond: of(goodputPerSecond),
    admittedP50Ms: of(({ byStatus }) => byStatus[200]?.p50Ms),
    admittedP99Ms: of(({ byStatus }) => byStatus[200]?.p99Ms),
    rejectedPerSecond: of(({ answersByStatus, seconds }) => (answersByStatus[503] ?? 0) / seconds),
    rejectedP50Ms: of(({ byStatus }) => byStatus[503]?.p50Ms),
    rejectedP99Ms: of(({ byStatus }) => byStatus[503]?.p99Ms),
    failures: of(({ failures }) => failures),
  };
}
