import type { Piece } from './active-request.js';
import { weightOf } from './active-request.js';
import { PieceQueue } from './piece-queue.js';

export const defaultPriority = 1;
/** All beyond are as one: callers must not make the queue keep account of any number of levels. */
const lowestPriority = 100;

/** After this long in the queue a request counts as one priority higher, and so on: strict, but nobody starves. */
const agingMs = 1000;

/** The requests of one shape: those that may share a run. */
export class Lane {
  readonly key: string;
  /** Computing time this lane has been given, in milliseconds on the scheduler's clock of shares. */
  virtualMs: number;
  /** Rows waiting. */
  rows = 0;
  /** The first deadline among the requests since the lane was last empty; Infinity without. */
  earliestDeadlineMs = Number.POSITIVE_INFINITY;
  readonly #levels = new Map<number, PieceQueue>();

  constructor(key: string, virtualMs: number) {
    this.key = key;
    this.virtualMs = virtualMs;
  }

  push(piece: Piece): void {
    const deadlineMs = piece.owner.request.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.earliestDeadlineMs = this.rows === 0 ? deadlineMs : Math.min(this.earliestDeadlineMs, deadlineMs);
    this.#levelOf(piece).push(piece);
    this.rows += weightOf(piece.rows);
  }

  unshift(piece: Piece): void {
    this.#levelOf(piece).unshift(piece);
    this.rows += weightOf(piece.rows);
  }

  /** A settled request's pieces are skipped when they are reached; their rows stop counting now. */
  forget(rows: number): void {
    this.rows -= rows;
  }

  /** Priority of the most urgent request, its age considered; Infinity when empty. */
  headPriority(nowMs: number): number {
    let best = Number.POSITIVE_INFINITY;
    for (const [priority, queue] of this.#levels) best = Math.min(best, aged(priority, queue, nowMs));
    return best;
  }

  oldestEnqueuedAtMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const queue of this.#levels.values()) oldest = Math.min(oldest, queue.oldestEnqueuedAtMs());
    return oldest;
  }

  /** Takes pieces in order of priority until the next one would exceed `maxRows`; at least one, if there is one. */
  take(maxRows: number, nowMs: number): Piece[] {
    const taken: Piece[] = [];
    let room = maxRows;
    for (const queue of this.#byUrgency(nowMs)) {
      for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
        const weight = weightOf(head.rows);
        if (taken.length > 0 && weight > room) return taken;
        queue.take();
        taken.push(head);
        this.rows -= weight;
        room -= weight;
        if (room <= 0) return taken;
      }
    }
    return taken;
  }

  #byUrgency(nowMs: number): PieceQueue[] {
    if (this.#levels.size === 1) return [...this.#levels.values()];
    return [...this.#levels]
      .map(([priority, queue]) => ({ queue, urgency: aged(priority, queue, nowMs) }))
      .sort((a, b) => a.urgency - b.urgency)
      .map(({ queue }) => queue);
  }

  #levelOf(piece: Piece): PieceQueue {
    const priority = Math.min(lowestPriority, piece.owner.request.priority ?? defaultPriority);
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new PieceQueue();
      this.#levels.set(priority, level);
    }
    return level;
  }
}

function aged(priority: number, queue: PieceQueue, nowMs: number): number {
  const oldest = queue.oldestEnqueuedAtMs();
  if (oldest === Number.POSITIVE_INFINITY) return oldest;
  return Math.max(1, priority - Math.floor((nowMs - oldest) / agingMs));
}
