import type { ClosedLoadPlan, LoadReport } from '../load/load-plan.js';
import { engineProcesses, residentBytes } from '../machine/process-times.js';
import type { Contender, Sample, Window } from './contender.js';

export interface HttpContenderOptions {
  readonly name: string;
  readonly generator: { run(plan: ClosedLoadPlan): Promise<LoadReport> };
  readonly server: { readonly host: string; readonly port: number; readonly pid?: number | undefined };
  /** Whole requests, which take turns. */
  readonly requests: readonly Uint8Array[];
}

/** A server under closed-loop load. */
export class HttpContender implements Contender {
  readonly name: string;
  readonly #options: HttpContenderOptions;

  constructor(options: HttpContenderOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async sample({ connections, warmupMs, durationMs }: Window): Promise<Sample> {
    const { generator, server, requests } = this.#options;
    const { host, port, pid } = server;
    const pace = { kind: 'closed', connections } as const;
    const report = await generator.run({ host, port, pid, requests, pace, warmupMs, durationMs });
    return { ...summary(this.name, report), ...memory(pid) };
  }
}

function summary(name: string, report: LoadReport) {
  const { 200: answered, ...others } = report.byStatus;
  if (answered === undefined) {
    throw new Error(
      `${name} answered nothing with 200; it answered with ${Object.keys(others).join(', ') || 'nothing'}`,
    );
  }
  const rejected = Object.values(others).reduce((sum, { count }) => sum + count, 0);
  return {
    requestsPerSecond: answered.count / report.seconds,
    p50Ms: answered.p50Ms,
    p99Ms: answered.p99Ms,
    workerCpuUs: report.processCpuUs / answered.count,
    engineCpuUs: report.descendantsCpuUs / answered.count,
    failures: rejected + report.failures,
  };
}

function memory(pid: number | undefined) {
  if (pid === undefined) return { workerBytes: 0, engineBytes: 0 };
  return {
    workerBytes: residentBytes(pid).now,
    engineBytes: engineProcesses(pid).reduce((sum, child) => sum + residentBytes(child).now, 0),
  };
}
