import { axisOf } from '../core/batch-axes.js';
import type { BatchResult, InstanceGroup } from '../core/inference-engine.js';
import type { BatchAxes } from '../core/model.js';
import { dataBytes, isStrings, type NamedTensor, type TensorData } from '../core/tensor.js';
import type { Chunk } from './active-request.js';
import { paddedRows } from './batch-policy.js';
import { type BatchRun, type Disproof, disagreement } from './batch-run.js';
import type { BatchSizing } from './batch-sizing.js';
import { merge, splitRows } from './merge.js';

export interface BatchVerifierOptions {
  readonly group: Pick<InstanceGroup, 'tryRun' | 'idleInstances' | 'outputNames'>;
  readonly sizing: BatchSizing;
  /** Whether a row's output alone is what it was beside others. */
  readonly agree: (alone: NamedTensor, together: NamedTensor) => boolean;
  /** Whether something waits for an instance. */
  readonly somethingWaits: () => boolean;
  readonly onDisproof: (disproof: Disproof) => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Draws from [0, 1). */
  readonly random?: () => number;
}

/** One row of a batch, and what it got there. */
interface Sample {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  readonly axes: BatchAxes | undefined;
}

/** A row of more than this is not kept. */
const largestSampleBytes = 2 ** 20;
/** An instance counts as idle when nothing came for so long. */
const quietMs = 5;
/** Runs of the check may take so much of the time of one instance. */
const shareOfTime = 0.01;
/** Checks come so far apart at first; each that agrees makes the next one rarer. */
const shortestPauseMs = 1000;
const longestPauseMs = 60_000;
const rarer = 1.1;

/**
 * Goes on to prove in production that rows do not influence each other: now and then a row of a real batch is run again
 * alone, while nothing waits and an instance is idle, and compared with what it got. Keeps one row at most. A run that
 * fails shows nothing.
 */
export class BatchVerifier {
  /** The row that is to be run again, if one is kept. */
  sample: Sample | undefined;
  readonly #options: BatchVerifierOptions;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = shortestPauseMs;
  #lastEndMs: number;
  #isRunning = false;
  #isStopped = false;

  constructor(options: BatchVerifierOptions) {
    this.#options = options;
    this.#lastEndMs = options.now() - shortestPauseMs;
  }

  /** Whether a row is to be kept of what was answered now. */
  wantsRow(nowMs: number): boolean {
    const pausedMs = nowMs - this.#lastEndMs;
    if (pausedMs < this.#pauseMs || this.sample !== undefined || this.#isStopped) return false;
    return pausedMs >= this.#expectedMs() / shareOfTime;
  }

  /** Keeps a copy of one row of a run whose rows were laid side by side and answered row by row. */
  keepRow(run: BatchRun, result: BatchResult): void {
    const { random = Math.random } = this.#options;
    const sample = sampleOf(run, result, Math.floor(random() * run.rows));
    if (sample === undefined) {
      // Rows of the next batches are hardly smaller.
      this.#lastEndMs = this.#options.now();
      return;
    }
    this.sample = sample;
    this.checkWhenQuiet();
  }

  /** To be called whenever nothing waits any more. */
  checkWhenQuiet(): void {
    if (this.sample === undefined || this.#isRunning || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#check();
    }, quietMs).unref();
  }

  /** No row is kept or run any more. */
  stop(): void {
    this.#isStopped = true;
    this.sample = undefined;
    clearTimeout(this.#timer);
  }

  #check(): void {
    const { group, somethingWaits, sizing } = this.#options;
    const sample = this.sample;
    if (sample === undefined || this.#isRunning || somethingWaits() || group.idleInstances === 0) return;
    const rows = this.#laidOutRows();
    const { inputs, outputs, axes } = sample;
    const names = outputs.map(({ name }) => name);
    const batch = merge([{ inputs, firstRow: 0, rows: 1 }], names, rows, axes?.inputs);
    const startedAtMs = this.#options.now();
    const run = group.tryRun(batch, { timeoutMs: sizing.overdueAfterMs(rows) });
    this.#isRunning = run !== undefined;
    run?.then(
      (result) => this.#compare(sample, result, { startedAtMs, rows }),
      () => this.#finish(startedAtMs),
    );
  }

  #compare(sample: Sample, result: BatchResult, { startedAtMs, rows }: { startedAtMs: number; rows: number }): void {
    this.#pauseMs = Math.min(longestPauseMs, rarer * this.#pauseMs);
    this.#finish(startedAtMs);
    if (this.#isStopped) return;
    const { axes } = sample;
    for (const together of sample.outputs) {
      const output = result.outputs.find(({ name }) => name === together.name);
      if (output !== undefined && this.#agrees(output, together, { axes, rows })) continue;
      const inputs = sample.inputs.map(({ name }) => name);
      const { group, onDisproof } = this.#options;
      onDisproof(disagreement(together.name, { inputs, outputs: group.outputNames, axes }));
      return;
    }
  }

  #agrees(
    output: NamedTensor,
    together: NamedTensor,
    { axes, rows }: { readonly axes: BatchAxes | undefined; readonly rows: number },
  ): boolean {
    if (output.shape[axisOf(axes?.outputs, output.name) ?? -1] !== rows) return false;
    const [alone] = splitRows([output], 0, 1, axes?.outputs);
    return this.#options.agree(alone as NamedTensor, together);
  }

  /** The time that was taken is paid off by the next pause. */
  #finish(startedAtMs: number): void {
    const endMs = this.#options.now();
    this.sample = undefined;
    this.#isRunning = false;
    this.#lastEndMs = Math.max(endMs, endMs + (endMs - startedAtMs) / shareOfTime - this.#pauseMs);
  }

  #laidOutRows(): number {
    const { batching, policy } = this.#options.sizing;
    return batching.kind === 'fixed' ? batching.rows : paddedRows(1, policy.allowedSizes);
  }

  #expectedMs(): number {
    return this.#options.sizing.expectedMs(this.#laidOutRows());
  }
}

/** Undefined where the row is too large to be kept. */
function sampleOf({ chunks }: BatchRun, result: BatchResult, row: number): Sample | undefined {
  const { chunk, at } = chunkOf(chunks, row);
  const { axes, request } = chunk.owner;
  const inputs = splitRows(request.inputs, chunk.firstRow + at, 1, axes?.inputs);
  const wanted = result.outputs.filter(({ name }) => request.outputs.includes(name));
  const outputs = splitRows(wanted, row, 1, axes?.outputs);
  const bytes = [...inputs, ...outputs].reduce((sum, { data }) => sum + dataBytes(data), 0);
  if (bytes > largestSampleBytes) return undefined;
  return { inputs: inputs.map(copyOf), outputs: outputs.map(copyOf), axes };
}

function chunkOf(chunks: readonly Chunk[], row: number): { chunk: Chunk; at: number } {
  let at = row;
  for (const chunk of chunks) {
    if (at < chunk.rows) return { chunk, at };
    at -= chunk.rows;
  }
  throw new RangeError(`a run has no row ${row}`);
}

/** Of its own memory: what it shares would be kept with it. */
const copyOf = (tensor: NamedTensor): NamedTensor => ({
  ...tensor,
  data: isStrings(tensor.data) ? [...tensor.data] : (tensor.data.slice() as TensorData),
});
