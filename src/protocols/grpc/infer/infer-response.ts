import { bytesOfTensor } from '../../../codecs/raw-tensor.js';
import { responseTooLarge } from '../../../core/serving-error.js';
import type { ModelSignature } from '../../../core/tensor-spec.js';
import type { Results } from '../../../inference/inference-codec.js';
import { classified } from '../../open-inference/classification.js';
import type { OutputRequest } from '../../open-inference/output-request.js';
import { writeSharedTensor } from '../../open-inference/shared-tensor.js';
import { MessageWriter } from '../wire/message-writer.js';
import type { GrpcResponse } from './infer-codec.js';

/** What a request says about its answer. */
export interface InferWishes {
  readonly id: string;
  /** Absent means all outputs, none with wishes of its own. */
  readonly outputs: readonly OutputRequest[] | undefined;
  readonly saysFinal: boolean;
}

const nothing = Buffer.alloc(0);
/** What a response has beside its raw tensors, about. */
const usualBytesBeside = 256;

/**
 * A `ModelInferResponse`, with its tensors behind its other fields. Its tensors are raw, whatever form the request had; one in shared memory has an empty item among
 * `raw_output_contents`, as clients count these by the outputs.
 */
export function writeInferResponse(
  { id, outputs }: Results,
  wishes: InferWishes,
  signature: ModelSignature,
  mostBytes: number,
): GrpcResponse {
  const written = outputs.map((output) => {
    const wish = wishes.outputs?.find(({ name }) => name === output.name);
    const tensor = classified(output, wish, signature);
    const message = new MessageWriter().string(1, tensor.name).string(2, tensor.dataType).integers(3, tensor.shape);
    if (wish?.shared === undefined) return { message, raw: bytesOfTensor(tensor) };
    const parameters = Object.entries(writeSharedTensor(tensor, wish.shared));
    for (const [key, value] of parameters) message.message(4, parameterEntry(key, value));
    return { message, raw: nothing };
  });
  const rawBytes = written.reduce((sum, { raw }) => sum + raw.length, 0);
  if (rawBytes > mostBytes) throw responseTooLarge(`its tensors are ${rawBytes} bytes`, mostBytes);
  const response = new MessageWriter(usualBytesBeside * (1 + outputs.length))
    .string(1, id.name)
    .string(2, String(id.version))
    .string(3, wishes.id);
  if (wishes.saysFinal) response.message(4, parameterEntry('triton_final_response', true));
  for (const { message } of written) response.message(5, message);
  const tail: Uint8Array[] = [];
  for (const [index, { raw }] of written.entries()) {
    if (index === 0) response.beforeBytes(6, raw.length);
    else tail.push(new MessageWriter().beforeBytes(6, raw.length).finish());
    tail.push(raw);
  }
  return { body: response.finish(), tail };
}

/** An entry of `map<string, InferParameter>`. */
function parameterEntry(key: string, value: unknown): MessageWriter {
  const parameter = new MessageWriter();
  if (typeof value === 'boolean') parameter.bool(1, value);
  else if (typeof value === 'number') parameter.integer(2, value);
  else parameter.string(3, String(value));
  return new MessageWriter().string(1, key).message(2, parameter);
}
