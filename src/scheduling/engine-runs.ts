import type { CallTrace } from '../core/call-trace.js';
import type { BatchResult, InstanceGroup } from '../core/inference-engine.js';
import type { ModelVersionId } from '../core/model.js';
import { outOfMemory } from '../core/out-of-memory.js';
import { ProcessFailure } from '../core/process-failure.js';
import { ServingError } from '../core/serving-error.js';
import type { BatchFinished, ServingEmitter } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import { formatShape } from '../core/tensor-spec.js';
import { type Chunk, isOpen } from './active-request.js';
import type { DrainRate } from './admission.js';
import { type BatchRun, composeBatch, type Disproof, divideResult, laidOutRows, strayOutput } from './batch-run.js';
import type { BatchSizing } from './batch-sizing.js';
import type { BatchVerifier } from './batch-verifier.js';
import { failureAfter, type RetryQueue } from './retry-policy.js';

export interface EngineRunsOptions {
  readonly id: ModelVersionId;
  readonly group: Pick<InstanceGroup, 'tryRun' | 'outputNames'>;
  readonly sizing: BatchSizing;
  readonly drainRate: DrainRate;
  /** Gets the chunks that are to run again. */
  readonly retries: RetryQueue;
  readonly observer: ServingEmitter;
  /** Absent: answers are not checked. */
  readonly verifier: BatchVerifier | undefined;
  /** An answer shows that rows must not share runs: whatever is open is to run alone. */
  readonly onDisproof: (disproof: Disproof) => void;
  /** A run is over: `retries` may have got something, or what they have may have its turn. */
  readonly onEnded: () => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** How a run's rows were laid out when it started. */
interface Departed {
  readonly startedAtMs: number;
  readonly laidOut: number | undefined;
  /** Tokens of each row; 1 where they do not count. */
  readonly length: number;
}

/** The runs that are in an engine: gives them to it, and what comes back to the requests that they were made of. */
export class EngineRuns {
  /** Those that are in an engine now. */
  count = 0;
  readonly #options: EngineRunsOptions;

  constructor(options: EngineRunsOptions) {
    this.#options = options;
  }

  /** False when no instance could take it. */
  start(run: BatchRun): boolean {
    const { group, now, sizing } = this.#options;
    const laidOut = laidOutRows(run, sizing.batching, sizing.policy.allowedSizes);
    const length = sizing.lengthOf((run.chunks[0] as Chunk).owner.request);
    const departed = { startedAtMs: now(), laidOut, length };
    let result: Promise<BatchResult> | undefined;
    try {
      const options = {
        timeoutMs: sizing.runTimeoutMs,
        overdueAfterMs: sizing.overdueAfterMs(run.rows, length),
        exclusive: run.reason === 'retry',
      };
      result = group.tryRun(composeBatch(run, laidOut), options);
    } catch (error) {
      // What goes wrong before the engine has the batch is a failed run, too.
      result = Promise.reject(error);
    }
    if (result === undefined) return false;
    this.count++;
    result
      .then(
        (result) => this.#finish(run, result, departed),
        (error: unknown) => this.#failRun(run, error, departed.startedAtMs),
      )
      // Memory that cannot be had for joining answers, say: nobody must wait for ever, and the process must not end.
      .catch((error: unknown) => run.chunks.forEach((chunk) => void chunk.owner.fail(asServingError(error))));
    return true;
  }

  #finish(run: BatchRun, result: BatchResult, { startedAtMs, laidOut, length }: Departed): void {
    const { drainRate, now, onEnded, retries, sizing, verifier } = this.#options;
    const finishedAtMs = now();
    const { computeMs } = result;
    this.count--;
    sizing.finished(run.rows, computeMs, length);
    drainRate.finished(run.rows, finishedAtMs);
    if (run.reason !== 'retry') retries.isSuspectsTurn = true;
    const { parts, stray } = divideResult(run, result, laidOut);
    // The engine gets its next work before these answers are written.
    if (stray === undefined) onEnded();
    for (let index = 0; index < parts.length; index++) {
      const chunk = run.chunks[index] as Chunk;
      const outputs = parts[index];
      if (outputs === undefined) continue;
      // Written out: a spread here costs as much as all the rest of an answer.
      chunk.owner.complete(chunk, { outputs, batchRows: run.rows, startedAtMs, finishedAtMs, computeMs });
    }
    if (stray !== undefined) this.#failStray(run, stray, laidOut as number);
    // Rows that lay beside others that were not made up.
    else if (laidOut !== undefined && run.rows > 1 && verifier?.wantsRow(finishedAtMs)) verifier.keepRow(run, result);
    this.#report(run, { startedAtMs, finishedAtMs, computeMs, outcome: 'ok' });
  }

  /** Nobody gets another's rows: what was answered together runs again, alone. What was alone has failed. */
  #failStray({ chunks }: BatchRun, stray: NamedTensor, rows: number): void {
    const [first] = chunks as readonly [Chunk];
    const inputs = first.owner.request.inputs.map(({ name }) => name);
    const { group, onDisproof, onEnded } = this.#options;
    onDisproof(strayOutput(stray, rows, { inputs, outputs: group.outputNames, axes: first.owner.axes }));
    if (isOpen(first)) first.owner.fail(rowlessResult(stray));
    onEnded();
  }

  #failRun(run: BatchRun, error: unknown, startedAtMs: number): void {
    this.count--;
    // Before what runs again may start.
    const finishedAtMs = this.#options.now();
    const alone = run.chunks.length === 1;
    const engineFailed = error instanceof ProcessFailure;
    for (const chunk of run.chunks) {
      if (!isOpen(chunk)) continue;
      const failure = engineFailed ? failureAfter(chunk, error, alone) : alone ? asServingError(error) : undefined;
      if (failure === undefined) this.#options.retries.add(chunk);
      else chunk.owner.fail(failure);
    }
    this.#options.onEnded();
    const outcome = engineFailed ? 'engine-failure' : 'model-error';
    this.#report(run, { startedAtMs, finishedAtMs, computeMs: 0, outcome });
  }

  #report(
    { rows, chunks, reason }: BatchRun,
    {
      startedAtMs,
      finishedAtMs,
      computeMs,
      outcome,
    }: Pick<BatchFinished, 'computeMs' | 'outcome'> & {
      startedAtMs: number;
      finishedAtMs: number;
    },
  ): void {
    const queueMs = new Array<number>(chunks.length);
    let traces: (CallTrace | undefined)[] | undefined;
    for (let index = 0; index < chunks.length; index++) {
      const { enqueuedAtMs, request } = (chunks[index] as Chunk).owner;
      queueMs[index] = startedAtMs - enqueuedAtMs;
      if (!request.trace?.isSampled) continue;
      traces ??= new Array(chunks.length);
      traces[index] = request.trace;
    }
    const batchMs = finishedAtMs - startedAtMs;
    const { id, observer } = this.#options;
    observer.batchFinished({
      id,
      rows,
      requests: chunks.length,
      reason,
      queueMs,
      batchMs,
      computeMs,
      outcome,
      traced: traces && { startedAtMs, requests: traces },
    });
  }
}

/** One row by itself did not get one row: the model answers by something else. */
const rowlessResult = ({ name, shape }: NamedTensor): ServingError =>
  new ServingError(
    'INVALID_ARGUMENT',
    `output "${name}" has shape ${formatShape(shape)} for one row of input, which is not one row; send the tensors whole`,
  );

const asServingError = (error: unknown): ServingError =>
  error instanceof ServingError
    ? error
    : (outOfMemory(error) ?? new ServingError('INTERNAL', 'the engine failed unexpectedly', { cause: error }));
