import { axisOf } from '../core/batch-axes.js';
import type { InstanceGroup } from '../core/inference-engine.js';
import type { BatchAxes, Batching } from '../core/model.js';
import { dataBytes, isStrings, type NamedTensor } from '../core/tensor.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { type ActiveRequest, type Chunk, weightOf } from './active-request.js';
import { decideBatch } from './batch-policy.js';
import { type BatchRun, isMergeable } from './batch-run.js';
import type { BatchSizing } from './batch-sizing.js';
import { isCheapToShare } from './merge.js';
import type { ScheduledRequest } from './scheduler.js';
import { ShapeQueue } from './shape-queue.js';

export interface RequestQueueOptions {
  readonly sizing: BatchSizing;
  readonly group: Pick<InstanceGroup, 'idleInstances'>;
}

/** A run whose chunks were taken from their queue; either `left` or `giveBack` follows. */
export interface Departure {
  readonly run: BatchRun;
  readonly queue: ShapeQueue;
}

/** Nothing is to leave before so many milliseconds have passed; Infinity while nothing waits. */
export interface Pause {
  readonly lookAgainInMs: number;
}

interface BusyQueue {
  readonly queue: ShapeQueue;
  readonly priority: number;
}

/**
 * What waits to be computed, a queue a shape, and which of it leaves next. Queues share the engine by time: the most urgent
 * priority first, among equals the queue that was given least computing time so far, and among those the one whose request
 * has waited longest.
 */
export class RequestQueue {
  /** Rows that wait. */
  rows = 0;
  readonly #options: RequestQueueOptions;
  readonly #queues = new Map<string, ShapeQueue>();
  /** What each queue would have been given by now: one that becomes busy starts here, so that idling earns no credit. */
  #virtualMs = 0;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  add(active: ActiveRequest): void {
    const { shapeKey } = active;
    let queue = this.#queues.get(shapeKey);
    if (queue === undefined) {
      queue = new ShapeQueue(this.#virtualMs, this.#options.sizing.lengthOf(active.request));
      this.#queues.set(shapeKey, queue);
    } else if (queue.rows === 0) queue.virtualMs = Math.max(queue.virtualMs, this.#virtualMs);
    for (const chunk of active.chunks) queue.push(chunk);
    this.rows += active.waitingRows;
  }

  /** What is left here of a request that was settled. */
  forget(active: ActiveRequest): void {
    if (active.waitingRows === 0) return;
    this.rows -= active.waitingRows;
    this.#queues.get(active.shapeKey)?.forget(active.waitingRows);
    active.waitingRows = 0;
  }

  /** To be asked while an instance is free. */
  next(nowMs: number): Departure | Pause {
    const { sizing, group } = this.#options;
    let lookAgainInMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#inTurn(nowMs)) {
      const policy = sizing.policyFor(queue.length);
      const expectedMs = sizing.expectedMs(Math.min(queue.rows, policy.maxRows), queue.length);
      const decision = decideBatch(policy, {
        rows: queue.rows,
        oldestWaitMs: policy.maxDelayMs > 0 ? nowMs - queue.oldestEnqueuedAtMs() : 0,
        slackMs: queue.earliestDeadlineMs - nowMs - expectedMs,
        idleInstances: group.idleInstances,
        expectedMs,
      });
      if (decision.leave) {
        const rowsBefore = queue.rows;
        const chunks = queue.take(decision.maxRows, this.#mayShare);
        if (chunks.length === 0) return { lookAgainInMs: Number.POSITIVE_INFINITY };
        return { queue, run: { chunks, rows: rowsBefore - queue.rows, reason: decision.reason } };
      }
      lookAgainInMs = Math.min(lookAgainInMs, decision.lookAgainInMs);
    }
    return { lookAgainInMs };
  }

  /** An instance has taken the run. The clock goes on, whichever queue is served, lest ever new ones pass those that wait. */
  left({ run: { chunks, rows }, queue }: Departure): void {
    const { sizing } = this.#options;
    sizing.left(rows, queue.length);
    this.rows -= rows;
    for (const chunk of chunks) chunk.owner.waitingRows -= weightOf(chunk.rows);
    const ms = sizing.expectedMs(rows, queue.length) || 1;
    this.#virtualMs = Math.max(this.#virtualMs + ms / this.#queues.size, queue.virtualMs);
    queue.virtualMs += ms;
  }

  /** No instance took it: its chunks wait where they were. */
  giveBack({ run, queue }: Departure): void {
    for (const chunk of run.chunks.toReversed()) queue.unshift(chunk);
  }

  /** Queues in which something waits, the one whose turn it is first. Empty ones are removed on the way, unless there is no other. */
  #inTurn(nowMs: number): ShapeQueue[] {
    if (this.#queues.size === 1) {
      const [only] = this.#queues.values() as Iterable<ShapeQueue> as [ShapeQueue];
      return only.rows > 0 ? [only] : [];
    }
    const busy: BusyQueue[] = [];
    for (const [key, queue] of this.#queues) {
      const priority = queue.rows > 0 ? queue.headPriority(nowMs) : Number.POSITIVE_INFINITY;
      if (priority === Number.POSITIVE_INFINITY) this.#queues.delete(key);
      else busy.push({ queue, priority });
    }
    if (busy.length > 1) busy.sort(compare);
    return busy.map(({ queue }) => queue);
  }

  /** A request that must run alone, or had better, ends the batch before it, or is one by itself. */
  readonly #mayShare = (chunk: Chunk): boolean => {
    const { axes, request } = chunk.owner;
    if (!isMergeable(chunk)) return false;
    if (axes === undefined) return true;
    return isCheapToShare(request.inputs, request.rows, { axes, runMs: this.#options.sizing.expectedMs(1) });
  };
}

const compare = (a: BusyQueue, b: BusyQueue): number =>
  a.priority - b.priority ||
  a.queue.virtualMs - b.queue.virtualMs ||
  a.queue.oldestEnqueuedAtMs() - b.queue.oldestEnqueuedAtMs();

/** Requests with equal keys may share a run. */
export type ShapeKey = (request: Pick<ScheduledRequest, 'inputs'>, batching: Batching) => string;

/** An input that all rows share is compared where it is no larger; a request with a larger one runs alone. */
export const mostSharedBytes = 256;

/** Equal for requests that give the same inputs, alike in shape but for the batch axis, and in value where they have none. */
export function shapeKeyOf(signature: ModelSignature): ShapeKey {
  let known: Batching | undefined;
  let areAlike = false;
  return ({ inputs }, batching) => {
    const axes = batching.axes?.inputs;
    if (batching !== known) {
      known = batching;
      areAlike = isRowShapeFixed(signature, axes);
    }
    let key = '';
    if (areAlike) return key;
    for (const input of inputs) {
      const batchAxis = axisOf(axes, input.name);
      key += input.name;
      for (let axis = 0; axis < input.shape.length; axis++) if (axis !== batchAxis) key += `,${input.shape[axis]}`;
      key += `/${input.shape.length};`;
      if (batchAxis === undefined) key += contentOf(input);
    }
    return key;
  };
}

/** Whether all requests that give rows give them of one shape, so that there is nothing to tell them apart by. */
const isRowShapeFixed = ({ inputs }: ModelSignature, axes: BatchAxes['inputs'] | undefined): boolean =>
  inputs.every(({ name, optional, shape }) => {
    const axis = axisOf(axes, name);
    if (optional === true || shape === null || axis === undefined) return false;
    return shape.every((size, at) => at === axis || typeof size === 'number');
  });

function contentOf({ data }: NamedTensor): string {
  if (dataBytes(data) > mostSharedBytes) return '';
  if (isStrings(data)) return JSON.stringify(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}
