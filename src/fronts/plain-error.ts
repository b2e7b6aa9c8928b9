import { ServingError } from '../core/serving-error.js';
import type { PlainError } from './front-messages.js';

/** What was not foreseen crosses as INTERNAL, without its stack. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof ServingError)) {
    return { code: 'INTERNAL', message: `unexpected failure: ${error instanceof Error ? error.message : error}` };
  }
  const { code, message, retryAfterSeconds } = error;
  return { code, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

export const servingError = ({ code, message, retryAfterSeconds }: PlainError): ServingError =>
  new ServingError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
