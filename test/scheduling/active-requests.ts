import { ActiveRequest } from '../../src/scheduling/active-request.js';
import type { ScheduledRequest } from '../../src/scheduling/scheduler.js';
import { requestOf } from './scheduler-harness.js';

type Options = Partial<ScheduledRequest> & { width?: number } & Partial<
    Pick<ActiveRequest, 'axes' | 'enqueuedAtMs' | 'shapeKey'>
  > & { chunkRows?: number };

/** A request as the scheduler has accepted it, of as many rows as values; it is cut only where `chunkRows` says so. */
export function activeOf(values: readonly number[], options: Options = {}): ActiveRequest {
  const { axes, enqueuedAtMs = 0, shapeKey = '', chunkRows = values.length, ...rest } = options;
  return new ActiveRequest(
    requestOf(values, rest),
    { completed: () => {}, failed: () => {} },
    { nowMs: enqueuedAtMs, shapeKey, axes, chunkRows, keeper: { settled: () => {}, canceled: () => {} } },
  );
}
