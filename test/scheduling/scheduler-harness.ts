import type { Batching } from '../../src/core/model.js';
import { type BatchFinished, fanOut } from '../../src/core/serving-observer.js';
import { BatchScheduler, type BatchSchedulerOptions } from '../../src/scheduling/batch-scheduler.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import type { ScheduledRequest, ScheduledResult } from '../../src/scheduling/scheduler.js';
import { completionOf } from '../support/completion.js';
import { PuppetGroup } from './puppet-group.js';

export const dynamic = (maxBatchSize: number): Batching => ({ kind: 'dynamic', maxBatchSize });

/** A request of one FP32 input `x` with as many rows as values, each `width` wide. */
export function requestOf(
  values: readonly number[],
  options: Partial<ScheduledRequest> & { width?: number } = {},
): ScheduledRequest {
  const { width = 1, ...rest } = options;
  const rows = values.length / width;
  return {
    inputs: [{ name: 'x', dataType: 'FP32', shape: [rows, width], data: Float32Array.from(values) }],
    outputs: ['y'],
    rows,
    mergeable: true,
    ...rest,
  };
}

export const resultOf = (scheduler: BatchScheduler, request: ScheduledRequest): Promise<ScheduledResult> =>
  completionOf((handler) => scheduler.enqueue(request, handler));

export class Harness {
  readonly group: PuppetGroup;
  readonly scheduler: BatchScheduler;
  readonly batches: BatchFinished[] = [];
  readonly canceled: string[] = [];
  /** Reasons why batching was stopped. */
  readonly stopped: string[] = [];
  readonly budget = new MemoryBudget(1_000_000);
  readonly curve = new CostCurve();
  nowMs = 0;

  constructor(options: Partial<BatchSchedulerOptions> & { instances?: number } = {}) {
    const { instances = 1, ...overrides } = options;
    this.group = new PuppetGroup(instances);
    this.scheduler = new BatchScheduler({
      id: { name: 'm', version: 1 },
      group: this.group,
      batching: dynamic(8),
      policy: { maxDelayMs: 0, preferredSizes: [], allowedSizes: [] },
      curve: this.curve,
      maxQueueRows: 100,
      budget: this.budget,
      shapeKey: ({ inputs }) => String(inputs[0]?.shape.slice(1)),
      runTimeoutMs: 1000,
      observer: fanOut([
        {
          batchFinished: (event) => void this.batches.push(event),
          requestCanceled: ({ where }) => void this.canceled.push(where),
          batchingStopped: ({ reason }) => void this.stopped.push(reason),
        },
      ]),
      now: () => this.nowMs,
      ...overrides,
    });
  }
}
