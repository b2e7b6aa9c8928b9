import type { InstanceGroup } from '../core/inference-engine.js';
import { type ActiveRequest, type Piece, weightOf } from './active-request.js';
import { decideBatch } from './batch-policy.js';
import type { BatchSizing } from './batch-sizing.js';
import type { Lane } from './lane.js';
import { LaneSet } from './lane-set.js';
import { isMergeable, type Run } from './run.js';

export interface WaitingLineOptions {
  readonly sizing: BatchSizing;
  readonly group: Pick<InstanceGroup, 'idleInstances'>;
}

/** A run whose pieces were taken from their lane; either `left` or `giveBack` follows. */
export interface Departure {
  readonly run: Run;
  readonly lane: Lane;
}

/** Nothing is to leave before so many milliseconds have passed; Infinity while nothing waits. */
export interface Pause {
  readonly lookAgainInMs: number;
}

/** Runs expected to be shorter are not spread over idle instances: the round trip would cost more. */
const worthSpreadingMs = 1;

/** What waits to be computed, a lane a shape, and which of it leaves next. */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #lanes = new LaneSet();
  #rows = 0;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  /** Rows that wait. */
  get rows(): number {
    return this.#rows;
  }

  add(active: ActiveRequest): void {
    const lane = this.#lanes.laneFor(active.laneKey);
    for (const piece of active.pieces) lane.push(piece);
    this.#rows += active.waitingRows;
  }

  /** What is left here of a request that was settled. */
  forget(active: ActiveRequest): void {
    if (active.waitingRows === 0) return;
    this.#rows -= active.waitingRows;
    this.#lanes.get(active.laneKey)?.forget(active.waitingRows);
    active.waitingRows = 0;
  }

  /** To be asked while an instance is free. */
  next(nowMs: number): Departure | Pause {
    const { sizing } = this.#options;
    let lookAgainInMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.inTurn(nowMs)) {
      const decision = decideBatch(sizing.policy, {
        rows: lane.rows,
        oldestWaitMs: nowMs - lane.oldestEnqueuedAtMs(),
        slackMs: lane.earliestDeadlineMs - nowMs - sizing.expectedMs(lane.rows),
        fairShareRows: this.#fairShareRows(lane.rows),
      });
      if (decision.leave) {
        const pieces = this.#takeTogether(lane, decision.maxRows, nowMs);
        if (pieces.length === 0) return { lookAgainInMs: Number.POSITIVE_INFINITY };
        const rows = pieces.reduce((sum, piece) => sum + weightOf(piece.rows), 0);
        return { lane, run: { pieces, rows, reason: decision.reason } };
      }
      lookAgainInMs = Math.min(lookAgainInMs, decision.lookAgainInMs);
    }
    return { lookAgainInMs };
  }

  /** An instance has taken the run. */
  left({ run: { pieces, rows }, lane }: Departure): void {
    const { sizing } = this.#options;
    sizing.started(rows);
    this.#rows -= rows;
    for (const piece of pieces) piece.owner.waitingRows -= weightOf(piece.rows);
    this.#lanes.charge(lane, sizing.expectedMs(rows) || 1);
  }

  /** No instance took it: its pieces wait where they were. */
  giveBack({ run, lane }: Departure): void {
    for (const piece of run.pieces.toReversed()) lane.unshift(piece);
  }

  /** Several idle instances share what waits, where a run is long enough to be worth another frame. */
  #fairShareRows(rows: number): number {
    const { group, sizing } = this.#options;
    if (group.idleInstances <= 1) return rows;
    const expectedMs = sizing.expectedMs(Math.min(rows, sizing.maxRows));
    return expectedMs < worthSpreadingMs ? rows : Math.ceil(rows / group.idleInstances);
  }

  /** A request that must run alone ends the batch before it, or is one by itself. */
  #takeTogether(lane: Lane, maxRows: number, nowMs: number): Piece[] {
    const pieces = lane.take(this.#options.sizing.batching.kind === 'none' ? 1 : maxRows, nowMs);
    const loner = pieces.findIndex((piece) => !isMergeable(piece));
    if (loner === -1) return pieces;
    for (const piece of pieces.splice(Math.max(1, loner)).reverse()) lane.unshift(piece);
    return pieces;
  }
}
