import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pinned } from '../machine/cores.js';
import { modelFile } from '../recipes/make-models.js';
import type { Workload } from '../workloads/workload.js';
import type { Contender, Sample, Window } from './contender.js';
import type { EngineLoopOrder, EngineLoopReport } from './engine-loop-messages.js';

const main = fileURLToPath(new URL('./engine-loop-main.js', import.meta.url));

/** The raw engine in as many processes as `coresOfEach` has members, without a server: the ceiling. */
export class EngineLoops implements Contender {
  readonly name: string;
  readonly #children: readonly ChildProcess[];

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    this.name = children.length === 1 ? 'raw engine' : `raw engine × ${children.length}`;
  }

  static async start(
    workload: Workload,
    coresOfEach: readonly (readonly number[] | undefined)[],
  ): Promise<EngineLoops> {
    const order: EngineLoopOrder = { modelPath: modelFile(workload.model), threads: 1, questions: workload.questions };
    const children = coresOfEach.map((cores) => {
      const [execPath = process.execPath, ...execArgv] = pinned([process.execPath], cores);
      return fork(main, { execPath, execArgv, serialization: 'advanced' });
    });
    await Promise.all(
      children.map(async (child) => {
        child.send(order);
        await once(child, 'message');
      }),
    );
    return new EngineLoops(children);
  }

  async sample({ warmupMs, durationMs }: Window): Promise<Sample> {
    const reports = await Promise.all(
      this.#children.map(async (child) => {
        child.send({ warmupMs, durationMs });
        const [report] = (await once(child, 'message')) as [EngineLoopReport];
        return report;
      }),
    );
    const runs = reports.reduce((sum, { latencies }) => sum + latencies.count, 0);
    return {
      requestsPerSecond: reports.reduce((sum, { latencies, seconds }) => sum + latencies.count / seconds, 0),
      p50Ms: Math.max(...reports.map(({ latencies }) => latencies.p50Ms)),
      p99Ms: Math.max(...reports.map(({ latencies }) => latencies.p99Ms)),
      workerCpuUs: 0,
      engineCpuUs: reports.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / runs,
      workerBytes: 0,
      engineBytes: reports.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      failures: 0,
    };
  }

  stop(): void {
    for (const child of this.#children) child.kill();
  }
}
