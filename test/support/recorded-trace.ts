import type { CallTrace } from '../../src/core/call-trace.js';

const nothing = (): void => undefined;

/** A trace whose ids are one hexadecimal digit again and again. */
export const recordedTrace = (digit: string, isSampled = true): CallTrace => ({
  traceId: digit.repeat(32),
  spanId: digit.repeat(16),
  isSampled,
  traceresponse: `00-${digit.repeat(32)}-${digit.repeat(16)}-${isSampled ? '01' : '00'}`,
  preparing: nothing,
  queued: nothing,
  dequeued: nothing,
});
