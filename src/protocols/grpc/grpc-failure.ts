import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type { CallTrace } from '../../core/call-trace.js';
import type { ServingError } from '../../core/serving-error.js';
import { shortText } from '../../core/short-text.js';
import { grpcStatus } from './grpc-status.js';

/** Clients take 8 KiB of headers and more; what percent signs make of a text may be nine times as long. */
const longestDetails = 4096;

/** What is told with every outcome of a call. */
export function trailersOf(requestId: string, trace?: CallTrace): Metadata {
  const trailers = new Metadata();
  trailers.set('x-request-id', requestId);
  if (trace !== undefined) trailers.set('traceresponse', trace.traceresponse);
  return trailers;
}

/** A failure as grpc-js sends it: status, text, and when to try again, as the retry policies of clients read it. */
export function grpcFailure(
  error: ServingError,
  trailers: Metadata,
): Pick<ServiceError, 'code' | 'details' | 'metadata'> {
  const { code, message, retryAfterSeconds } = error;
  // A negative number means: not at all.
  if (retryAfterSeconds !== undefined) {
    const milliseconds = retryAfterSeconds === Number.POSITIVE_INFINITY ? -1 : Math.ceil(retryAfterSeconds * 1000);
    trailers.set('grpc-retry-pushback-ms', String(milliseconds));
  }
  return { code: grpcStatus[code], details: detailsOf(message), metadata: trailers };
}

/** The message as it can be sent, cut where it would be too long for a header. */
function detailsOf(message: string): string {
  // The types of ES2023 do not have it.
  let details = (message as string & { toWellFormed(): string }).toWellFormed();
  while (details.length > longestDetails / 9 && encodeURI(details).length > longestDetails) {
    details = shortText(details, Math.floor(details.length / 2));
  }
  return details;
}
