import type { DataType } from '../../core/data-type.js';
import { dataBytes } from '../../core/tensor.js';
import type { InferenceCodec, Results } from '../../inference/inference-codec.js';
import { type CodecDefaults, nonFiniteOf } from '../codec-defaults.js';
import type { HttpContent, HttpMessage } from '../http/http-call.js';
import { isLocalCall } from '../shared-memory/local-callers.js';
import {
  disallowedSharedMemory,
  foreignSharedMemory,
  openSharedMemory,
  type SharedMemory,
} from '../shared-memory/shared-memory.js';
import { splitInferBody } from './infer-body.js';
import { readInferRequest } from './infer-request.js';
import { type InferWishes, writeInferResponse } from './infer-response.js';

/** Raw bytes of these types are looked at one by one. */
const checkedTypes: readonly DataType[] = ['BYTES', 'BOOL'];
/** Raw bytes are only copied into the answer, which costs about so much less than text. */
const copyingDiscount = 1 / 16;

/** Infer requests. */
export function inferCodec({
  nonFinite: fallback,
  largestResponseBytes,
  sharedMemory,
}: CodecDefaults): InferenceCodec<HttpMessage, HttpContent, InferWishes> {
  const memoryFor = sharedMemoryFor(sharedMemory);
  return {
    name: 'v2 infer',
    readingBytes: ({ body, headers }, { signature }) => {
      const { json, binary } = splitInferBody(body, headers);
      const isChecked = signature.inputs.some(({ dataType }) => checkedTypes.includes(dataType));
      return (json?.length ?? 0) + (isChecked ? binary.length : 0);
    },
    read: (message, model) => {
      const { body, headers, query } = message;
      const parts = splitInferBody(body, headers);
      const request = readInferRequest(parts, model, memoryFor(message));
      const { id, inputs, outputs, binaryOutput, priority, timeoutMs, nonFinite, signature, parameters } = request;
      const wish = query.non_finite ?? nonFinite;
      return {
        inputs,
        outputs: outputs?.map((output) => output.name),
        signature,
        parameters,
        priority,
        timeoutMs,
        wishes: { id, outputs, binaryOutput, nonFinite: wish === undefined ? fallback : nonFiniteOf(wish) },
      };
    },
    writingBytes,
    write: (wishes, results, { signature }) => writeInferResponse(results, wishes, signature, largestResponseBytes),
  };
}

/** Callers on this machine may use it where that is allowed, all others never. */
function sharedMemoryFor(options: CodecDefaults['sharedMemory']): (message: HttpMessage) => SharedMemory {
  if (options === undefined) return () => disallowedSharedMemory;
  const open = openSharedMemory(options);
  return (message) => (isLocalCall(message) ? open : foreignSharedMemory);
}

function writingBytes({ outputs: wishes, binaryOutput }: InferWishes, { outputs }: Results): number {
  let bytes = 0;
  for (const { name, dataType, data } of outputs) {
    const wish = wishes?.find((one) => one.name === name);
    const isRaw = wish?.shared !== undefined || (wish?.binary ?? binaryOutput);
    bytes += dataBytes(data) * (isRaw && dataType !== 'BYTES' ? copyingDiscount : 1);
  }
  return bytes;
}
