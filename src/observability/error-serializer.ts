import { shortText } from '../core/short-text.js';

/** Enough for any stack, and for what an engine says of a model. */
const longestText = 8000;

export interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: SerializedError;
}

/** An error as it stands in the log: what is listed here and no other property, since libraries hang requests on errors. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const { cause } = error;
  return {
    type: error.name,
    message: shortText(error.message, longestText),
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...(error.stack !== undefined && { stack: shortText(error.stack, longestText) }),
    ...(cause instanceof Error && depth < 3 && { cause: serializeError(cause, depth + 1) }),
  };
}
