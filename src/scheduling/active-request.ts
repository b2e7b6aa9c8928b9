import type { CompletionHandler } from '../core/inference.js';
import type { BatchAxes } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import { dataBytes } from '../core/tensor.js';
import { joinRows } from './merge.js';
import type { ScheduledRequest, ScheduledResult } from './scheduler.js';

/** A part of a request that runs as one: all of it, or some of its rows. */
export interface Chunk {
  readonly owner: ActiveRequest;
  readonly index: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Times an engine process died while this chunk was being computed, in whatever company. */
  crashes: number;
  /** Whether one died while this chunk was being computed by itself. */
  isSuspect: boolean;
  /** Times one that computed this chunk alone died by SIGKILL from outside, which rarely is the chunk's fault. */
  kills: number;
}

export interface ChunkResult {
  readonly outputs: readonly NamedTensor[];
  readonly batchRows: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly computeMs: number;
}

/** Who keeps account of the open requests. */
export interface RequestKeeper {
  /** Called once for each request, before its handler hears of it. */
  settled(request: ActiveRequest): void;
  /** The caller of a request went away. */
  canceled(where: 'queue' | 'flight'): void;
}

export interface ActiveRequestOptions {
  readonly nowMs: number;
  readonly shapeKey: string;
  readonly axes: BatchAxes | undefined;
  /** Rows that one chunk takes at most. */
  readonly chunkRows: number;
  readonly keeper: RequestKeeper;
}

/** Node's timers go off at once when they are set to more, about 24 days: who would wait that long has no deadline. */
const longestTimerMs = 2 ** 31 - 1;

/** A request from its acceptance until it is settled, which happens exactly once. */
export class ActiveRequest {
  readonly request: ScheduledRequest;
  readonly enqueuedAtMs: number;
  readonly bytes: number;
  /** Of the queue that it waits in. */
  readonly shapeKey: string;
  /** Along which the rows of its inputs and outputs lie, if not along axis 0. */
  readonly axes: BatchAxes | undefined;
  settled = false;
  /** Rows in the queue, not sent yet. */
  waitingRows: number;
  /** Others, once it was cut anew: whatever becomes of the former ones is passed over. */
  chunks: readonly Chunk[];
  /** Where it stands among the open requests. */
  openAt = -1;
  /** Of the chunks, where there are several. */
  #results: ChunkResult[] | undefined;
  #resultCount = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #handler: CompletionHandler<ScheduledResult>;
  readonly #keeper: RequestKeeper;

  constructor(
    request: ScheduledRequest,
    handler: CompletionHandler<ScheduledResult>,
    { nowMs, shapeKey, axes, chunkRows, keeper }: ActiveRequestOptions,
  ) {
    this.request = request;
    this.#handler = handler;
    this.#keeper = keeper;
    this.enqueuedAtMs = nowMs;
    this.shapeKey = shapeKey;
    this.axes = axes;
    let bytes = 0;
    for (const { data } of request.inputs) bytes += dataBytes(data);
    this.bytes = bytes;
    this.waitingRows = weightOf(request.rows);
    this.chunks = cut(this, chunkRows);
  }

  /** From now on the request fails when its caller goes away or its time is up, wherever it is. */
  watch(): void {
    const { signal, deadlineMs } = this.request;
    signal?.addEventListener('abort', this);
    if (deadlineMs === undefined) return;
    const leftMs = deadlineMs - this.enqueuedAtMs;
    if (leftMs <= longestTimerMs) this.#timer = setTimeout(() => this.fail(expired()), leftMs);
  }

  /** The caller has gone. */
  handleEvent(): void {
    const where = this.waitingRows > 0 ? 'queue' : 'flight';
    this.fail(canceled());
    this.#keeper.canceled(where);
  }

  /** Begins anew, with other chunks. */
  cutAnew(chunkRows: number): void {
    this.chunks = cut(this, chunkRows);
    this.#results = undefined;
    this.#resultCount = 0;
    this.waitingRows = weightOf(this.request.rows);
  }

  /** The request's answer is complete with its last chunk. */
  complete(chunk: Chunk, result: ChunkResult): void {
    if (!isOpen(chunk)) return;
    const whole = this.chunks.length === 1 ? result : this.#gather(chunk, result);
    if (whole === undefined) return;
    const { outputs, startedAtMs, finishedAtMs, batchRows, computeMs } = whole;
    this.#settle();
    const timings = { queueMs: startedAtMs - this.enqueuedAtMs, batchMs: finishedAtMs - startedAtMs, computeMs };
    this.#handler.completed({ outputs, rows: this.request.rows, batchRows, timings });
  }

  /**
   * The answer once every chunk has its part: joined, or part by part where they do not fit together and need not. A
   * request whose parts would have to has failed.
   */
  #gather(chunk: Chunk, result: ChunkResult): ChunkResult | undefined {
    this.#results ??= [];
    this.#results[chunk.index] = result;
    if (++this.#resultCount < this.chunks.length) return undefined;
    const parts = this.#results.map((part) => part.outputs);
    const outputs = joinRows(parts, this.axes?.outputs) ?? (this.request.separate ? parts.flat() : undefined);
    if (outputs !== undefined) return { outputs, ...summaryOf(this.#results) };
    this.fail(
      new ServingError(
        'INVALID_ARGUMENT',
        'the rows of this request have answers of different shapes, which do not fit one tensor; send them in requests of their own',
      ),
    );
    return undefined;
  }

  fail(error: ServingError): void {
    if (this.settled) return;
    if (this.waitingRows > 0) this.request.trace?.dequeued(performance.now());
    this.#settle();
    this.#handler.failed(error);
  }

  #settle(): void {
    this.settled = true;
    this.request.signal?.removeEventListener('abort', this);
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#keeper.settled(this);
  }
}

function cut(owner: ActiveRequest, chunkRows: number): Chunk[] {
  const { rows, mergeable, separate } = owner.request;
  const size = Math.max(1, mergeable || separate ? chunkRows : rows);
  const chunks: Chunk[] = [];
  let firstRow = 0;
  do {
    const length = Math.min(size, rows - firstRow);
    chunks.push({ owner, index: chunks.length, firstRow, rows: length, crashes: 0, isSuspect: false, kills: 0 });
    firstRow += length;
  } while (firstRow < rows);
  return chunks;
}

/** Whether somebody still waits for what comes of the chunk. */
export const isOpen = (chunk: Chunk): boolean => !chunk.owner.settled && chunk.owner.chunks[chunk.index] === chunk;

/** From the first start to the last finish; the largest batch; computing time in all. */
function summaryOf(results: readonly ChunkResult[]): Omit<ChunkResult, 'outputs'> {
  let [startedAtMs, finishedAtMs, batchRows, computeMs] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const result of results) {
    startedAtMs = Math.min(startedAtMs, result.startedAtMs);
    finishedAtMs = Math.max(finishedAtMs, result.finishedAtMs);
    batchRows = Math.max(batchRows, result.batchRows);
    computeMs += result.computeMs;
  }
  return { startedAtMs, finishedAtMs, batchRows, computeMs };
}

/** What a request counts as in queue limits and batch sizes: at least one row. */
export const weightOf = (rows: number): number => Math.max(1, rows);

export const canceled = (): ServingError => new ServingError('CANCELED', 'the caller went away');

export const expired = (): ServingError =>
  new ServingError('DEADLINE_EXCEEDED', 'the deadline passed before the answer was computed');
