import type { NonFinite } from '../../codecs/json-writer.js';
import type { ReadExchange } from '../http/inference-route.js';
import { nonFiniteChoice } from '../non-finite.js';
import { splitInferBody } from './infer-body.js';
import { readInferRequest } from './infer-request.js';
import { writeInferResponse } from './infer-response.js';

/** Reads and answers infer requests; `fallback` is the server's own choice for NaN and infinities. */
export function inferExchange(fallback: NonFinite): ReadExchange {
  return ({ body, headers, query }, description) => {
    const parts = splitInferBody(body, headers['inference-header-content-length']);
    const request = readInferRequest(parts, description);
    const nonFinite = nonFiniteChoice([query.non_finite, request.nonFinite], fallback);
    return {
      inputs: request.inputs,
      outputs: request.outputs?.map((output) => output.name),
      priority: request.priority,
      timeoutMs: request.timeoutMs,
      answer: (response) => writeInferResponse(response, request, description.signature, nonFinite),
    };
  };
}
