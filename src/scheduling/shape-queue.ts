import { Fifo } from '../core/fifo.js';
import { type Chunk, isOpen, weightOf } from './active-request.js';

const defaultPriority = 1;
/** All beyond are as one: callers must not make the queue keep account of any number of levels. */
const lowestPriority = 100;

/**
 * A request gains one priority for each time it has waited so long: a request of priority 2 goes like one of priority 1
 * that came a second later. So nobody starves.
 */
const agingMs = 1000;

/** The requests of one shape: those that may share a run. */
export class ShapeQueue {
  /** Computing time this queue has been given, in milliseconds on the clock that all queues share. */
  virtualMs: number;
  /** Tokens of each row; 1 where they do not count. */
  readonly length: number;
  /** Rows waiting. */
  rows = 0;
  /** The first deadline among the requests since the queue was last empty; Infinity without. */
  earliestDeadlineMs = Number.POSITIVE_INFINITY;
  readonly #levels = new Map<number, PriorityLevel>();

  constructor(virtualMs: number, length: number) {
    this.virtualMs = virtualMs;
    this.length = length;
  }

  push(chunk: Chunk): void {
    const deadlineMs = chunk.owner.request.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.earliestDeadlineMs = this.rows === 0 ? deadlineMs : Math.min(this.earliestDeadlineMs, deadlineMs);
    this.#levelOf(chunk).queueOf(chunk).push(chunk);
    this.rows += weightOf(chunk.rows);
  }

  /** Gives a chunk back that was taken but could not be sent. */
  unshift(chunk: Chunk): void {
    this.#levelOf(chunk).queueOf(chunk).unshift(chunk);
    this.rows += weightOf(chunk.rows);
  }

  /** A settled request's chunks are skipped when they are reached; their rows stop counting now. */
  forget(rows: number): void {
    this.rows -= rows;
  }

  /**
   * Priority of the most urgent request, its age considered; Infinity when empty. None is above the highest: among queues
   * that have gained that, the time decides that each was given.
   */
  headPriority(nowMs: number): number {
    let best = Number.POSITIVE_INFINITY;
    for (const [priority, level] of this.#levels) {
      const oldestMs = level.oldestEnqueuedAtMs();
      if (oldestMs === Number.POSITIVE_INFINITY) continue;
      best = Math.min(best, Math.max(1, priority - Math.floor((nowMs - oldestMs) / agingMs)));
    }
    return best;
  }

  oldestEnqueuedAtMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const level of this.#levels.values()) oldest = Math.min(oldest, level.oldestEnqueuedAtMs());
    return oldest;
  }

  /**
   * Takes chunks in order of urgency until the next one would exceed `maxRows`, or may not share a run; at least one, if
   * there is one.
   */
  take(maxRows: number, mayShare: (chunk: Chunk) => boolean): Chunk[] {
    const taken: Chunk[] = [];
    let room = maxRows;
    for (const level of this.#levels.size === 1 ? this.#levels.values() : this.#byUrgency()) {
      for (let head = level.peek(); head !== undefined; head = level.peek()) {
        const weight = weightOf(head.rows);
        if (taken.length > 0 && (weight > room || !mayShare(head))) return taken;
        level.take(head);
        taken.push(head);
        this.rows -= weight;
        room -= weight;
        if (room <= 0 || (taken.length === 1 && !mayShare(head))) return taken;
      }
    }
    return taken;
  }

  /** Whose oldest request would, at the highest priority, have come first; between equals, whose has waited longest. */
  #byUrgency(): readonly PriorityLevel[] {
    return [...this.#levels]
      .map(([priority, level]) => ({ level, priority, oldestMs: level.oldestEnqueuedAtMs() }))
      .sort((a, b) => a.oldestMs - b.oldestMs + agingMs * (a.priority - b.priority) || a.oldestMs - b.oldestMs)
      .map(({ level }) => level);
  }

  #levelOf(chunk: Chunk): PriorityLevel {
    const priority = Math.min(lowestPriority, chunk.owner.request.priority ?? defaultPriority);
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new PriorityLevel();
      this.#levels.set(priority, level);
    }
    return level;
  }
}

/** Requests that name no caller take their turn as if they were of one. */
const noCaller = '';

/** Chunks of one shape and priority: callers take turns, each caller's own are first in, first out. */
class PriorityLevel {
  /** In turn order: the next caller to serve is the first. */
  readonly #callers = new Map<string, Fifo<Chunk>>();

  /** The caller's queue, to put one of its chunks in. */
  queueOf(chunk: Chunk): Fifo<Chunk> {
    const caller = chunk.owner.request.caller ?? noCaller;
    let queue = this.#callers.get(caller);
    if (queue === undefined) {
      queue = new Fifo();
      this.#callers.set(caller, queue);
    }
    return queue;
  }

  /** The chunk whose turn it is. Those that nobody waits for any more are dropped on the way. */
  peek(): Chunk | undefined {
    for (const [caller, queue] of this.#callers) {
      const chunk = firstOpen(queue);
      if (chunk !== undefined) return chunk;
      if (this.#callers.size > 1) this.#callers.delete(caller);
    }
    return undefined;
  }

  /** Takes what `peek` gave. */
  take(head: Chunk): void {
    const caller = head.owner.request.caller ?? noCaller;
    const queue = this.#callers.get(caller) as Fifo<Chunk>;
    queue.shift();
    // A sole caller keeps its queue, empty or not: mostly there is no other.
    if (this.#callers.size === 1) return;
    this.#callers.delete(caller);
    if (queue.length > 0) this.#callers.set(caller, queue);
  }

  /** Enqueued first among the callers' heads; Infinity when empty. */
  oldestEnqueuedAtMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const queue of this.#callers.values()) {
      const chunk = firstOpen(queue);
      if (chunk !== undefined) oldest = Math.min(oldest, chunk.owner.enqueuedAtMs);
    }
    return oldest;
  }
}

function firstOpen(queue: Fifo<Chunk>): Chunk | undefined {
  let chunk = queue.peek();
  while (chunk !== undefined && !isOpen(chunk)) {
    queue.shift();
    chunk = queue.peek();
  }
  return chunk;
}
