import { invalidArgument } from '../../core/serving-error.js';

const positiveInteger = /^[1-9]\d{0,5}$/;

/** The `x-request-priority` header; 1 is the highest. */
export function requestPriority(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && positiveInteger.test(header)) return Number(header);
  throw invalidArgument(`header x-request-priority: expected a positive integer, got ${JSON.stringify(header)}`);
}
