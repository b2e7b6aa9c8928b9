import { type BatchResult, EngineFailure, type InstanceGroup } from '../core/inference-engine.js';
import { formatId, type ModelVersionId } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { BatchFinished, ServingObserver } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import { formatShape } from '../core/tensor-spec.js';
import type { Piece } from './active-request.js';
import type { Admission } from './admission.js';
import type { BatchSizing } from './batch-sizing.js';
import { verdict } from './blame.js';
import type { RetryQueue } from './retry-queue.js';
import { composeBatch, divideAnswer, laidOutRows, type Run } from './run.js';

export interface EngineRunsOptions {
  readonly id: ModelVersionId;
  readonly group: Pick<InstanceGroup, 'tryRun'>;
  readonly sizing: BatchSizing;
  /** Hears how fast rows are computed. */
  readonly admission: Pick<Admission, 'finished'>;
  /** Gets the pieces that are to run again. */
  readonly retries: RetryQueue;
  readonly observer: Required<ServingObserver>;
  /** Something may be started again. */
  readonly onFree: () => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** The runs that are in an engine: gives them to it, and what comes back to the requests that they were made of. */
export class EngineRuns {
  readonly #options: EngineRunsOptions;
  #count = 0;

  constructor(options: EngineRunsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** False when no instance could take it. */
  start(run: Run): boolean {
    const startedAtMs = this.#options.now();
    const laidOut = laidOutRows(run, this.#options.sizing.batching, this.#options.sizing.allowedSizes);
    const result = this.#offer(run, laidOut);
    if (result === undefined) return false;
    this.#count++;
    result
      .then(
        (answer) => this.#finish(run, answer, { startedAtMs, laidOut }),
        (error: unknown) => this.#failRun(run, error, startedAtMs),
      )
      // Memory that cannot be had for joining answers, say: nobody must wait for ever, and the process must not end.
      .catch((error: unknown) => run.pieces.forEach((piece) => void piece.owner.fail(asServingError(error))));
    return true;
  }

  /** Undefined when no instance is free; what goes wrong before the engine has the batch is a failed run, too. */
  #offer(run: Run, laidOut: number | undefined): Promise<BatchResult> | undefined {
    const timeoutMs = this.#options.sizing.runTimeoutMs(run.rows);
    try {
      return this.#options.group.tryRun(composeBatch(run, laidOut), { timeoutMs, exclusive: run.reason === 'retry' });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #finish(
    run: Run,
    answer: BatchResult,
    { startedAtMs, laidOut }: { startedAtMs: number; laidOut: number | undefined },
  ): void {
    const finishedAtMs = this.#options.now();
    this.#count--;
    this.#options.sizing.finished(run.rows, answer.computeMs);
    this.#options.admission.finished(run.rows, finishedAtMs);
    if (run.reason !== 'retry') this.#options.retries.othersWereServed();
    const { parts, stray } = divideAnswer(run, answer, laidOut);
    if (stray !== undefined) this.#stopBatching(stray, laidOut);
    // The engine gets its next work before these answers are written.
    this.#options.onFree();
    const { rows: batchRows } = run;
    const { computeMs } = answer;
    for (const [index, outputs] of parts.entries()) {
      const piece = run.pieces[index] as Piece;
      if (outputs !== undefined) {
        piece.owner.complete(piece, { outputs, batchRows, startedAtMs, finishedAtMs, computeMs });
      } else if (run.pieces.length > 1) this.#options.retries.add(piece);
      else piece.owner.fail(this.#lostRows());
    }
    if (parts.includes(undefined)) this.#options.onFree();
    this.#report(run, { startedAtMs, finishedAtMs, computeMs: answer.computeMs, outcome: 'ok' });
  }

  /** From now on requests run one at a time, as they came. */
  #stopBatching({ name, shape }: NamedTensor, rows: number | undefined): void {
    if (this.#options.sizing.batching.kind === 'none') return;
    const reason = `output "${name}" had shape ${formatShape(shape)} for ${rows} rows of input, so it has no batch axis`;
    this.#options.sizing.stopBatching(reason);
    this.#options.observer.batchingStopped({ id: this.#options.id, reason });
  }

  #lostRows(): ServingError {
    const { id } = this.#options;
    return new ServingError(
      'UNAVAILABLE',
      `${formatId(id)} does not answer row by row, as was found out now; it is not batched any more, send the request again`,
    );
  }

  #failRun(run: Run, error: unknown, startedAtMs: number): void {
    this.#count--;
    const alone = run.pieces.length === 1;
    const engineFailed = error instanceof EngineFailure;
    for (const piece of run.pieces) {
      if (piece.owner.settled) continue;
      const answer = engineFailed ? verdict(piece, error, alone) : alone ? asServingError(error) : undefined;
      if (answer === undefined) this.#options.retries.add(piece);
      else piece.owner.fail(answer);
    }
    this.#options.onFree();
    const outcome = engineFailed ? 'engine-failure' : 'model-error';
    this.#report(run, { startedAtMs, finishedAtMs: this.#options.now(), computeMs: 0, outcome });
  }

  #report(
    { rows, pieces, reason }: Run,
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
    this.#options.observer.batchFinished({
      id: this.#options.id,
      rows,
      requests: pieces.length,
      reason,
      queueMs: pieces.map((piece) => startedAtMs - piece.owner.enqueuedAtMs),
      batchMs: finishedAtMs - startedAtMs,
      computeMs,
      outcome,
    });
  }
}

const asServingError = (error: unknown): ServingError =>
  error instanceof ServingError
    ? error
    : new ServingError('INTERNAL', 'the engine failed unexpectedly', { cause: error });
