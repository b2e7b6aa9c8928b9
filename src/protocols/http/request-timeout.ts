import { invalidArgument } from '../../core/serving-error.js';

const milliseconds = /^(\d{1,12}(\.\d{1,6})?)$/;

/** The `x-request-timeout-ms` header: how long the caller will wait. */
export function requestTimeoutMs(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const value = typeof header === 'string' && milliseconds.test(header) ? Number(header) : 0;
  if (value > 0) return value;
  throw invalidArgument(
    `header x-request-timeout-ms: expected a positive number of milliseconds, got ${JSON.stringify(header)}`,
  );
}

/** The earliest of the limits that there are, as a moment of `performance.now()`. */
export function deadline(arrivedAt: number, limitsMs: readonly (number | undefined)[]): number | undefined {
  let earliest = Number.POSITIVE_INFINITY;
  for (const limit of limitsMs) if (limit !== undefined && limit > 0) earliest = Math.min(earliest, limit);
  return earliest === Number.POSITIVE_INFINITY ? undefined : arrivedAt + earliest;
}
