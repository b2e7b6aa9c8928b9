import { cpuTimes, residentBytes } from '../machine/process-times.js';
import { LatencySamples } from './latency-samples.js';
import type { LoadPlan, LoadReport } from './load-plan.js';

/** Counts what happens between its start and its stop. */
export class Recorder {
  readonly #plan: LoadPlan;
  readonly #byStatus = new Map<number, LatencySamples>();
  readonly #answers = new Map<number, number>();
  readonly #bytesBefore: number;
  #bytesAfter = 0;
  #startedAtMs = Number.POSITIVE_INFINITY;
  #stoppedAtMs = Number.POSITIVE_INFINITY;
  #cpu = { processUs: 0, descendantsUs: 0 };
  failures = 0;
  arrivals = 0;
  delayedArrivals = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#bytesBefore = this.#residentBytes();
  }

  start(): void {
    this.#cpu = this.#cpuTimes();
    this.#startedAtMs = performance.now();
  }

  stop(): void {
    this.#stoppedAtMs = performance.now();
    this.#bytesAfter = this.#residentBytes();
    const now = this.#cpuTimes();
    this.#cpu = {
      processUs: now.processUs - this.#cpu.processUs,
      descendantsUs: now.descendantsUs - this.#cpu.descendantsUs,
    };
  }

  /** Whether a moment lies within the time that counts. */
  covers(atMs: number): boolean {
    return atMs >= this.#startedAtMs && atMs <= this.#stoppedAtMs;
  }

  /** `dueMs`: when the request was sent, or was meant to be. */
  answered(status: number, dueMs: number, nowMs: number): void {
    if (this.covers(nowMs)) this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    const decidesMs = this.#plan.pace.kind === 'open' ? dueMs : nowMs;
    if (this.covers(decidesMs)) this.#samplesOf(status).add(nowMs - dueMs);
  }

  #samplesOf(status: number): LatencySamples {
    let samples = this.#byStatus.get(status);
    if (samples === undefined) {
      samples = new LatencySamples();
      this.#byStatus.set(status, samples);
    }
    return samples;
  }

  report(): LoadReport {
    return {
      seconds: (this.#stoppedAtMs - this.#startedAtMs) / 1000,
      byStatus: Object.fromEntries([...this.#byStatus].map(([status, samples]) => [status, samples.summarize()])),
      answersByStatus: Object.fromEntries(this.#answers),
      failures: this.failures,
      arrivals: this.arrivals,
      delayedArrivals: this.delayedArrivals,
      processCpuUs: this.#cpu.processUs,
      descendantsCpuUs: this.#cpu.descendantsUs,
      residentBytes: { before: this.#bytesBefore, after: this.#bytesAfter },
    };
  }

  #cpuTimes() {
    const { pid } = this.#plan;
    return pid === undefined ? { processUs: 0, descendantsUs: 0 } : cpuTimes(pid);
  }

  #residentBytes(): number {
    const { pid } = this.#plan;
    return pid === undefined ? 0 : residentBytes(pid).now;
  }
}
