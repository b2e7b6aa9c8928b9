import type { ErrorCode } from '../../core/serving-error.js';
import { httpStatus } from './http-status.js';
import { object, oneOf, reference, text, truth } from './json-schema.js';

// Route schemas describe; they never validate: codecs and services say better what is wrong with a request.

export const sharedSchemas = [
  object(
    { error: text({ description: 'What is wrong, what was expected, what came.' }) },
    { $id: 'Error', description: 'Any failure. More keys may be added; `error` stays the message.' },
  ),
  object({ live: truth() }, { $id: 'ServerLive' }),
  object({ ready: truth() }, { $id: 'ServerReady' }),
];

const descriptions = {
  INVALID_ARGUMENT: 'The request is wrong; the message names the input, what was expected and what came.',
  UNAUTHENTICATED: 'No key or token came, or one that is not known here; `WWW-Authenticate` says what is asked for.',
  PERMISSION_DENIED: 'This caller may not do it; the message names the scope that is missing.',
  NOT_FOUND: 'No such model, version or label; the message has the nearest name.',
  METHOD_NOT_ALLOWED: 'The path has other methods; they are in the `Allow` header.',
  CONFLICT: 'There is one of this name already.',
  PAYLOAD_TOO_LARGE: 'The body is larger than the limit of this server.',
  UNSUPPORTED_MEDIA_TYPE: 'The content type or encoding is not read here.',
  RESOURCE_EXHAUSTED:
    'The rate of the key is used up (`Retry-After`, `RateLimit-*`), or the inputs need more memory than the model may use.',
  CANCELED: 'The caller was gone before the answer.',
  INTERNAL: 'A failure of the server; its log has the cause under the request id.',
  UNIMPLEMENTED: 'Known, but not done by this server.',
  UNAVAILABLE: 'The model does not serve now, or its queue is full; `Retry-After` says when to try again.',
  DEADLINE_EXCEEDED: 'No answer within the time the caller or the server allows.',
} as const satisfies Record<ErrorCode, string>;

/** The `response` entries of a route that may fail so. */
export const failures = (...codes: readonly ErrorCode[]): Record<number, object> =>
  Object.fromEntries(
    codes.map((code) => [httpStatus[code], { ...reference('Error'), description: descriptions[code] }]),
  );

export const inferenceFailures = failures(
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'INTERNAL',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
);

const name = text({ description: "The model's name: its folder in the repository." });
const version = text({ pattern: '^[1-9][0-9]*$', description: "The version's number." });
const label = text({ description: "A label of the model's `model.json`, such as `stable` or `canary`." });

/** How a path may say which version of a model it means. */
export const modelScopes = [
  { path: '', params: object({ name }), suffix: '', meaning: 'The latest version that serves.' },
  {
    path: '/versions/:version',
    params: object({ name, version }),
    suffix: 'Version',
    meaning: 'A version by its number.',
  },
  { path: '/labels/:label', params: object({ name, label }), suffix: 'Label', meaning: 'A version by its label.' },
] as const;

export type ModelScope = (typeof modelScopes)[number];

export const inferenceHeaders = object(
  {},
  {
    optional: {
      'x-request-id': text({
        description: 'Comes back in the answer and stands in the log; made where it is absent.',
      }),
      'x-request-timeout-ms': text({
        description: 'Milliseconds the caller will wait; afterwards the request is dropped with a 504.',
      }),
      'x-request-priority': text({
        pattern: '^[1-9][0-9]*$',
        description: '1 is the highest; a `priority` in the body of an infer request goes before it.',
      }),
      'endpoint-load-metrics-format': text({
        description: '`text` or `json`: the answer says how busy the server is, unless the server says otherwise.',
      }),
    },
  },
);

/** Of an answer to an inference request. */
export const responseHeaders = {
  'x-request-id': text({ description: "The caller's, or the one made for this request." }),
  'x-model-version': text({ description: 'The version that answered.' }),
  'server-timing': text({ description: 'Milliseconds in the queue, in the batch and of these computing.' }),
  'endpoint-load-metrics': text({ description: 'How busy the server is, as ORCA has it; where it was asked for.' }),
  traceresponse: text({
    description: "Trace, span and whether they are recorded, as W3C's Trace Context has it; where calls are traced.",
  }),
};

export const inferenceQuery = object(
  {},
  {
    optional: {
      non_finite: oneOf(['null', 'token', 'string'], {
        description:
          'How NaN and infinities are written: `null`, the bare token (which JSON does not know), or a string.',
      }),
    },
  },
);
