import type { NonFinite } from '../../codecs/json-writer.js';
import type { DataType } from '../../core/data-type.js';
import { dataBytes } from '../../core/tensor.js';
import type { InferenceForm, Results } from '../http/inference-form.js';
import { nonFiniteChoice } from '../non-finite.js';
import { splitInferBody } from './infer-body.js';
import { readInferRequest } from './infer-request.js';
import { type InferWishes, writeInferResponse } from './infer-response.js';

/** Raw bytes of these types are looked at one by one. */
const checkedTypes: readonly DataType[] = ['BYTES', 'BOOL'];
/** Raw bytes are only copied into the answer, which costs about so much less than text. */
const copyingDiscount = 1 / 16;

/** Infer requests; `fallback` is the server's own choice for NaN and infinities. */
export function inferForm(fallback: NonFinite): InferenceForm<InferWishes> {
  return {
    name: 'v2 infer',
    readingBytes: ({ body, headers }, { signature }) => {
      const { json, binary } = splitInferBody(body, headers);
      const isChecked = signature.inputs.some(({ dataType }) => checkedTypes.includes(dataType));
      return (json?.length ?? 0) + (isChecked ? binary.length : 0);
    },
    read: ({ body, headers, query }, model) => {
      const parts = splitInferBody(body, headers);
      const { id, inputs, outputs, binaryOutput, priority, timeoutMs, nonFinite } = readInferRequest(parts, model);
      return {
        inputs,
        outputs: outputs?.map((output) => output.name),
        priority,
        timeoutMs,
        wishes: { id, outputs, binaryOutput, nonFinite: nonFiniteChoice([query.non_finite, nonFinite], fallback) },
      };
    },
    writingBytes,
    write: (wishes, results, { signature }) => writeInferResponse(results, wishes, signature),
  };
}

function writingBytes({ outputs: wishes, binaryOutput }: InferWishes, { outputs }: Results): number {
  let bytes = 0;
  for (const { name, dataType, data } of outputs) {
    const isRaw = wishes?.find((wish) => wish.name === name)?.binary ?? binaryOutput;
    bytes += dataBytes(data) * (isRaw && dataType !== 'BYTES' ? copyingDiscount : 1);
  }
  return bytes;
}
