/** The facts a request can fail with; every protocol maps them to its own statuses in one exhaustive table. */
export const errorCodes = [
  'INVALID_ARGUMENT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'CONFLICT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'RESOURCE_EXHAUSTED',
  'CANCELED',
  'INTERNAL',
  'UNIMPLEMENTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ServingErrorOptions extends ErrorOptions {
  /** When trying again is likely to succeed, in seconds from now. */
  readonly retryAfterSeconds?: number;
}

/** A failure whose message may be shown to the caller as it stands. */
export class ServingError extends Error {
  override readonly name = 'ServingError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ServingErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export const invalidArgument = (message: string): ServingError => new ServingError('INVALID_ARGUMENT', message);
