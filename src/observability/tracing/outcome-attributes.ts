import { type Attributes, type SpanStatus, SpanStatusCode } from '@opentelemetry/api';
import type { ArrivingCall } from '../../core/call-trace.js';
import { ServingError } from '../../core/serving-error.js';
import type { BatchFinished, RequestFinished } from '../../core/serving-observer.js';

type Transport = ArrivingCall['transport'];

/** gRPC's statuses by their numbers, as the semantic conventions want them. */
const grpcNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** Those that are the server's failures, and not its callers'. */
const grpcFailures = new Set(['UNKNOWN', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS']);

/** Whether it failed, and not by its caller's mistake: of these a span says that it is an error. */
const isOurs = ({ status }: RequestFinished, transport: Transport): boolean =>
  transport === 'http' ? (status ?? 500) >= 500 : grpcFailures.has(grpcName(status));

const grpcName = (status = 2): string => grpcNames[status] ?? String(status);

/** What a request came to. */
export function describeOutcome(event: RequestFinished, transport: Transport, attributes: Attributes): void {
  const { id, code, status, rows, requestId, principal } = event;
  if (transport === 'http') attributes['http.response.status_code'] = status;
  else attributes['rpc.response.status_code'] = grpcName(status);
  if (code !== 'OK') attributes['slipway.code'] = code;
  if (isOurs(event, transport)) attributes['error.type'] = code;
  if (id !== undefined) {
    attributes['slipway.model.name'] = id.name;
    attributes['slipway.model.version'] = id.version;
  }
  if (rows !== undefined) attributes['slipway.request.rows'] = rows;
  attributes['slipway.request.id'] = requestId;
  if (principal !== undefined) attributes['slipway.principal'] = principal;
}

/** Undefined where the request succeeded, or failed by its caller's mistake. What callers sent is not quoted. */
export function failureStatus(event: RequestFinished, transport: Transport): SpanStatus | undefined {
  if (!isOurs(event, transport)) return undefined;
  const { code, error } = event;
  return { code: SpanStatusCode.ERROR, message: error instanceof ServingError ? error.message : code };
}

export const batchAttributes = ({ id, rows, requests, reason, computeMs }: BatchFinished): Attributes => ({
  'slipway.model.name': id.name,
  'slipway.model.version': id.version,
  'slipway.batch.rows': rows,
  'slipway.batch.requests': requests,
  'slipway.batch.reason': reason,
  'slipway.batch.compute_ms': computeMs,
});
