import { LoadGenerator } from './load-generator.js';
import type { ClosedLoadPlan, Latencies, LoadReport } from './load-plan.js';

/** Several load generators that share a plan's connections: one of them is no match for many worker processes. */
export class GeneratorTeam {
  readonly #members: readonly LoadGenerator[];

  /** One on each of the cores; where there is nothing to pin to, one wherever the system puts it. */
  constructor(cores: readonly number[] | undefined) {
    this.#members =
      cores === undefined ? [new LoadGenerator(undefined)] : cores.map((core) => new LoadGenerator([core]));
  }

  get size(): number {
    return this.#members.length;
  }

  /** Of a closed loop. The p50 is the members' mean by their answers, the p99 the worst of theirs. */
  async run(plan: ClosedLoadPlan): Promise<LoadReport> {
    const { connections } = plan.pace;
    const reports = await Promise.all(
      this.#members.map((member, index) => {
        const share = Math.floor(connections / this.size) + (index < connections % this.size ? 1 : 0);
        return member.run({ ...plan, pace: { kind: 'closed', connections: share } });
      }),
    );
    return mergeReports(reports);
  }

  stop(): void {
    for (const member of this.#members) member.stop();
  }
}

function mergeReports(reports: readonly LoadReport[]): LoadReport {
  const sum = (of: (report: LoadReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const mean = (of: (report: LoadReport) => number): number => sum(of) / reports.length;
  const statuses = [...new Set(reports.flatMap(({ byStatus }) => Object.keys(byStatus).map(Number)))];
  return {
    seconds: mean(({ seconds }) => seconds),
    byStatus: Object.fromEntries(
      statuses.map((status) => [status, mergeLatencies(reports.flatMap(({ byStatus }) => byStatus[status] ?? []))]),
    ),
    answersByStatus: Object.fromEntries(
      statuses.map((status) => [status, sum(({ answersByStatus }) => answersByStatus[status] ?? 0)]),
    ),
    failures: sum(({ failures }) => failures),
    arrivals: sum(({ arrivals }) => arrivals),
    delayedArrivals: sum(({ delayedArrivals }) => delayedArrivals),
    // Each of them watched the same processes.
    processCpuUs: mean(({ processCpuUs }) => processCpuUs),
    descendantsCpuUs: mean(({ descendantsCpuUs }) => descendantsCpuUs),
    residentBytes: {
      before: mean(({ residentBytes }) => residentBytes.before),
      after: mean(({ residentBytes }) => residentBytes.after),
    },
  };
}

function mergeLatencies(all: readonly Latencies[]): Latencies {
  const count = all.reduce((total, one) => total + one.count, 0);
  return {
    count,
    p50Ms: all.reduce((total, one) => total + one.p50Ms * one.count, 0) / count,
    p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
    maxMs: Math.max(...all.map(({ maxMs }) => maxMs)),
  };
}
