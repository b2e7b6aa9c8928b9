import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';

/** The two parts of an infer request: its JSON, then the binary tensors' bytes. */
export interface InferBody {
  /** Absent in a raw request, which is one input's bytes and nothing else. */
  readonly json?: Uint8Array;
  readonly binary: Buffer;
}

/** How many bytes of the body are JSON. */
const jsonLengthHeader = 'inference-header-content-length';
const wholeNumber = /^\d{1,15}$/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Where binary tensors begin, where there may be any. */
export function binaryBegins({ [jsonLengthHeader]: header }: Headers): number | undefined {
  return typeof header === 'string' && wholeNumber.test(header) ? Number(header) : undefined;
}

/** All of the body is JSON where no header `Inference-Header-Content-Length` says otherwise. */
export function splitInferBody(body: Buffer, headers: Headers): InferBody {
  const header = headers[jsonLengthHeader];
  if (header === undefined) return { json: body, binary: body.subarray(body.length) };
  const length = binaryBegins(headers);
  if (length === undefined) {
    throw invalidArgument(
      `header Inference-Header-Content-Length: expected how many bytes of the body are JSON, got ${shownValue(header)}`,
    );
  }
  if (length === 0) return { binary: body };
  if (length > body.length) {
    throw invalidArgument(
      `header Inference-Header-Content-Length says ${length} bytes of JSON, the body has ${body.length} bytes in all`,
    );
  }
  return { json: body.subarray(0, length), binary: body.subarray(length) };
}
