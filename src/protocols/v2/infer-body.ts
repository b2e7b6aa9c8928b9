import { invalidArgument } from '../../core/serving-error.js';

/** The two parts of an infer request: its JSON, then the binary tensors' bytes. */
export interface InferBody {
  /** Absent in a raw request, which is one input's bytes and nothing else. */
  readonly json?: Uint8Array;
  readonly binary: Buffer;
}

const wholeNumber = /^\d{1,15}$/;

/** `header` is `Inference-Header-Content-Length`: how many bytes of the body are JSON; all of them where it is absent. */
export function splitInferBody(body: Buffer, header: string | string[] | undefined): InferBody {
  if (header === undefined) return { json: body, binary: body.subarray(body.length) };
  const length = typeof header === 'string' && wholeNumber.test(header) ? Number(header) : undefined;
  if (length === undefined) {
    throw invalidArgument(
      `header Inference-Header-Content-Length: expected how many bytes of the body are JSON, got ${JSON.stringify(header)}`,
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
