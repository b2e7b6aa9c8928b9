import { ServingError } from './serving-error.js';

/** By their messages: what comes out of another thread has lost its code. */
const tooLong = /Invalid string length|Cannot create a string longer than|Invalid (?:typed )?array length/i;
const notToBeHad = /Array buffer allocation failed|Failed to allocate memory|out of memory/i;

/** What a caller is told where memory could not be had for the request; undefined for any other failure. */
export function outOfMemory(error: unknown): ServingError | undefined {
  if (!(error instanceof Error) || error instanceof ServingError) return undefined;
  if (tooLong.test(error.message)) {
    const message =
      'the request or its answer is larger than the server can hold in one piece; send fewer rows at a time';
    return new ServingError('RESOURCE_EXHAUSTED', message, { cause: error });
  }
  if (!notToBeHad.test(error.message)) return undefined;
  const message = 'the server has no memory left for this request; try again later, or send fewer rows at a time';
  return new ServingError('UNAVAILABLE', message, { cause: error });
}
