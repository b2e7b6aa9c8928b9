import type { Latencies } from '../load/load-plan.js';
import type { InputRow } from '../workloads/workload.js';

export interface EngineLoopOrder {
  readonly modelPath: string;
  readonly threads: number;
  readonly questions: readonly (readonly InputRow[])[];
}

export interface EngineLoopWindow {
  readonly warmupMs: number;
  readonly durationMs: number;
}

export interface EngineLoopReport {
  readonly latencies: Latencies;
  readonly seconds: number;
  readonly cpuUs: number;
  readonly residentBytes: number;
}
