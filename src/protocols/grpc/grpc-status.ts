import type { ErrorCode } from '../../core/serving-error.js';

/** gRPC's one table of outcomes. */
export const grpcStatus = {
  OK: 0,
  CANCELED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  CONFLICT: 6,
  PERMISSION_DENIED: 7,
  UNAUTHENTICATED: 16,
  PAYLOAD_TOO_LARGE: 8,
  RESOURCE_EXHAUSTED: 8,
  METHOD_NOT_ALLOWED: 12,
  UNSUPPORTED_MEDIA_TYPE: 12,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const satisfies Record<ErrorCode | 'OK', number>;
