import { ServingError } from '../../core/serving-error.js';
import { acceptedTypes } from './request-body.js';

/** What Fastify and Node's HTTP parser throw for a bad request has these. */
interface FrameworkError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly message: string;
}

export const bodyCutOff = 'the connection ended before the body was complete';

/** The words of this project for what the framework found wrong with a request; anything else as it came. */
export function fromFrameworkError(error: unknown): unknown {
  return error instanceof Error && !(error instanceof ServingError) ? (wordsFor(error) ?? error) : error;
}

function wordsFor(error: FrameworkError): ServingError | undefined {
  const options = { cause: error };
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ServingError(
        'UNSUPPORTED_MEDIA_TYPE',
        `this content type is not read here; ${acceptedTypes}`,
        options,
      );
    case 'FST_ERR_BAD_URL':
      return new ServingError(
        'INVALID_ARGUMENT',
        'the path is not valid: a percent sign has to open a UTF-8 escape',
        options,
      );
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ServingError('NOT_FOUND', 'a part of the path is longer than any name of a model', options);
    case 'ECONNRESET':
      return new ServingError('CANCELED', bodyCutOff, options);
    default:
      return isClientError(error.statusCode)
        ? new ServingError('INVALID_ARGUMENT', `the request cannot be read: ${error.message}`, options)
        : undefined;
  }
}

const isClientError = (status: unknown): boolean => typeof status === 'number' && status >= 400 && status < 500;
