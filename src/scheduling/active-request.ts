import type { CompletionHandler } from '../core/inference.js';
import { ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import { dataBytes } from '../core/tensor.js';
import { joinRows } from './merge.js';
import type { ScheduledRequest, ScheduledResult } from './scheduled-request.js';

/** A part of a request that runs as one: all of it, or some of its rows. */
export interface Piece {
  readonly owner: ActiveRequest;
  readonly index: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Times an engine process died while this piece was being computed, in whatever company. */
  crashes: number;
  /** Whether one died while this piece was being computed by itself. */
  isSuspect: boolean;
  /** Times one that computed this piece alone died by SIGKILL from outside, which rarely is the piece's fault. */
  kills: number;
}

export interface PieceResult {
  readonly outputs: readonly NamedTensor[];
  readonly batchRows: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly computeMs: number;
}

/** A request from its acceptance until it is settled, which happens exactly once. */
export class ActiveRequest {
  readonly request: ScheduledRequest;
  readonly enqueuedAtMs: number;
  readonly bytes: number;
  readonly pieces: readonly Piece[];
  settled = false;
  /** Rows in the queue, not sent yet. */
  waitingRows: number;
  /** Looks after the caller and the clock until the request is settled. */
  watch: { stop(): void } | undefined;
  readonly laneKey: string;
  /** Where it stands among the open requests. */
  openAt = -1;
  /** Of the pieces, where there are several. */
  #results: PieceResult[] | undefined;
  #resultCount = 0;
  readonly #handler: CompletionHandler<ScheduledResult>;
  readonly #onSettled: (request: ActiveRequest) => void;

  /** `pieceRows`: how many rows one piece takes at most. `onSettled` is called once, before the handler hears of it. */
  constructor(
    request: ScheduledRequest,
    handler: CompletionHandler<ScheduledResult>,
    options: { nowMs: number; laneKey: string; pieceRows: number; onSettled: (request: ActiveRequest) => void },
  ) {
    this.request = request;
    this.#handler = handler;
    this.enqueuedAtMs = options.nowMs;
    this.laneKey = options.laneKey;
    this.#onSettled = options.onSettled;
    this.bytes = bytesOf(request);
    this.waitingRows = weightOf(request.rows);
    this.pieces = this.#cut(options.pieceRows);
  }

  #cut(pieceRows: number): Piece[] {
    const { rows, mergeable } = this.request;
    const size = mergeable ? Math.max(1, pieceRows) : Math.max(1, rows);
    const pieces: Piece[] = [];
    let firstRow = 0;
    do {
      const length = Math.min(size, rows - firstRow);
      pieces.push({
        owner: this,
        index: pieces.length,
        firstRow,
        rows: length,
        crashes: 0,
        isSuspect: false,
        kills: 0,
      });
      firstRow += length;
    } while (firstRow < rows);
    return pieces;
  }

  /** The request's answer is complete with its last piece. */
  complete(piece: Piece, result: PieceResult): void {
    if (this.settled) return;
    const whole = this.pieces.length === 1 ? result : this.#gather(piece, result);
    if (whole === undefined) return;
    const { outputs, startedAtMs, finishedAtMs, batchRows, computeMs } = whole;
    this.#settle();
    const timings = { queueMs: startedAtMs - this.enqueuedAtMs, batchMs: finishedAtMs - startedAtMs, computeMs };
    this.#handler.completed({ outputs, rows: this.request.rows, batchRows, timings });
  }

  /** The joined answer, once every piece has its part; a request whose parts do not fit together has failed. */
  #gather(piece: Piece, result: PieceResult): PieceResult | undefined {
    this.#results ??= [];
    this.#results[piece.index] = result;
    if (++this.#resultCount < this.pieces.length) return undefined;
    const outputs = joinRows(this.#results.map((part) => part.outputs));
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
    this.#settle();
    this.#handler.failed(error);
  }

  #settle(): void {
    this.settled = true;
    this.watch?.stop();
    this.#onSettled(this);
  }
}

/** From the first start to the last finish; the largest batch; computing time in all. */
function summaryOf(results: readonly PieceResult[]): Omit<PieceResult, 'outputs'> {
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

const bytesOf = (request: ScheduledRequest): number =>
  request.inputs.reduce((sum, input) => sum + dataBytes(input.data), 0);
