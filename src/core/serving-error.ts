import type { Denial } from './access.js';
import type { ModelSelector } from './model.js';
import { shortText } from './short-text.js';

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

/** What nothing is known of, and what else there is, in words. */
export interface Missing {
  readonly selector: ModelSelector;
  readonly hint: string;
}

export interface ServingErrorOptions extends ErrorOptions {
  /** When trying again is likely to succeed, in seconds from now; Infinity where nothing is on its way. */
  readonly retryAfterSeconds?: number;
  /** The model or version that was asked for, where that is what was not found. */
  readonly missing?: Missing;
  /** Where the call was not let in. */
  readonly denial?: Denial;
}

/** A message repeats names of callers and files, of which there may be many, and long ones. */
const longestMessage = 2000;

/** A failure whose message may be shown to the caller as it stands, cut where it is longer than anybody reads. */
export class ServingError extends Error {
  override readonly name = 'ServingError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly missing: Missing | undefined;
  readonly denial: Denial | undefined;

  constructor(code: ErrorCode, message: string, options: ServingErrorOptions = {}) {
    super(shortText(message, longestMessage), options);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.missing = options.missing;
    this.denial = options.denial;
  }
}

export const invalidArgument = (message: string): ServingError => new ServingError('INVALID_ARGUMENT', message);

/** An answer that would take more memory than one may: found before it is encoded, and where it can be before it is moved. */
export const responseTooLarge = (what: string, limitBytes: number): ServingError =>
  new ServingError(
    'RESOURCE_EXHAUSTED',
    `the answer is too large: ${what}, and this server lets one answer be ${limitBytes} bytes; ask for fewer rows or fewer outputs at a time, or raise its responseLimitBytes`,
  );
