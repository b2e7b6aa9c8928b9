import { dataBytes } from '../../../core/tensor.js';
import type {
  InferenceCodec,
  Message,
  ModelFacts,
  Results,
  WrittenMessage,
} from '../../../inference/inference-codec.js';
import type { CodecDefaults } from '../../codec-defaults.js';
import {
  disallowedSharedMemory,
  foreignSharedMemory,
  openSharedMemory,
  type SharedMemory,
} from '../../shared-memory/shared-memory.js';
import { bytesBesideRaw } from './infer-message.js';
import { readInferRequest } from './infer-request.js';
import { type InferWishes, writeInferResponse } from './infer-response.js';

/** A message as gRPC brought it. */
export interface GrpcMessage extends Message {
  /** Whether it comes from a program on this machine; asked for only where shared memory is allowed. */
  readonly isLocal: boolean;
}

/** What a codec writes for gRPC. */
export interface GrpcResponse extends WrittenMessage {
  readonly body: Buffer;
}

/** Raw bytes are only copied into the answer, which costs about so much less than to look at each. */
const copyingDiscount = 1 / 16;

/** `ModelInfer`. */
export function inferCodec({
  largestResponseBytes,
  sharedMemory,
}: Pick<CodecDefaults, 'largestResponseBytes' | 'sharedMemory'>): InferenceCodec<
  GrpcMessage,
  GrpcResponse,
  InferWishes
> {
  const memoryFor = sharedMemoryFor(sharedMemory);
  return {
    name: 'grpc infer',
    readingBytes: ({ body }, model) => (isChecked(model) ? body.length : bytesBesideRaw(body)),
    read: ({ body, isLocal }, model) => readInferRequest(body, model, memoryFor(isLocal)),
    writingBytes: (_wishes, results) => writingBytes(results),
    write: (wishes, results, { signature }) => writeInferResponse(results, wishes, signature, largestResponseBytes),
  };
}

/** Raw bytes of these types are looked at one by one. */
const isChecked = ({ signature }: ModelFacts): boolean =>
  signature.inputs.some(({ dataType }) => dataType === 'BYTES' || dataType === 'BOOL');

function writingBytes({ outputs }: Results): number {
  let bytes = 0;
  for (const { dataType, data } of outputs) bytes += dataBytes(data) * (dataType === 'BYTES' ? 1 : copyingDiscount);
  return bytes;
}

/** Callers on this machine may use it where that is allowed, all others never. */
function sharedMemoryFor(options: CodecDefaults['sharedMemory']): (isLocal: boolean) => SharedMemory {
  if (options === undefined) return () => disallowedSharedMemory;
  const open = openSharedMemory(options);
  return (isLocal) => (isLocal ? open : foreignSharedMemory);
}
