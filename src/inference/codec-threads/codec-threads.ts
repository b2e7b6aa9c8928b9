import { setImmediate as turn } from 'node:timers/promises';
import type { SignatureFacts } from '../../core/model.js';
import { ServingError } from '../../core/serving-error.js';
import type { NamedTensor, Tensor } from '../../core/tensor.js';
import {
  alignmentBytes,
  type InferenceCodec,
  type InferenceReading,
  type Message,
  type ModelFacts,
  type Results,
  type WrittenMessage,
} from '../inference-codec.js';
import type { ThreadOutcome } from './thread-messages.js';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';
import { memoryOf, packCopy, unpack } from './transferables.js';
import type { Interest } from './while-wanted.js';

export interface CodecThreadsOptions
  extends Omit<ThreadPoolOptions, 'maxThreads' | 'maxHeapMebibytes' | 'idleTimeoutMs'> {
  /** From so many bytes of text or tensors on it is worth the way to another thread. */
  readonly fromBytes: number;
}

/** A second thread lets a body be read while a worse one takes its time; more would take the cores from the engines. */
const maxThreads = 2;
/** Several times what the largest tree that a body may be parsed to takes. */
const maxHeapMebibytes = 1024;
const idleTimeoutMs = 30_000;

/** Lets the event loop do what waits. */
const pause = (): Promise<void> => turn();

/** Reads large bodies and writes large answers in other threads, so that small requests need not wait for them. */
export class CodecThreads {
  readonly fromBytes: number;
  readonly #pool: ThreadPool;

  constructor({ fromBytes, ...options }: CodecThreadsOptions) {
    this.fromBytes = fromBytes;
    this.#pool = new ThreadPool({ ...options, maxThreads, maxHeapMebibytes, idleTimeoutMs });
  }

  /** As `codec.read`. The body's memory is given away; rejects also as ThreadPool.run does. */
  async read<In extends Message, Wishes>(
    codec: InferenceCodec<In, WrittenMessage, Wishes>,
    message: In,
    { signature, batching, tensors }: ModelFacts,
    interest: Interest,
  ): Promise<InferenceReading<Wishes>> {
    const { body, ...about } = message;
    const { memory, bodyOffset } = memoryOfBody(body);
    const model = { signature, batching, tensors };
    const task = { kind: 'read', codec: codec.name, about, memory, bodyOffset, bodyBytes: body.length, model } as const;
    const reading = expect('read', await this.#pool.run(task, [memory], interest));
    const inputs = new Map<string, Tensor>();
    for (const [name, transferable] of reading.inputs) inputs.set(name, unpack(transferable));
    return { ...reading, inputs, wishes: reading.wishes as Wishes };
  }

  /** As `codec.write`; rejects also as ThreadPool.run does. */
  async write<Out extends WrittenMessage, Wishes>(
    codec: InferenceCodec<never, Out, Wishes>,
    wishes: Wishes,
    { id, outputs: tensors, usage }: Results,
    { signature, batching }: SignatureFacts,
    interest: Interest,
  ): Promise<Out> {
    const outputs = [];
    // The tensors' memory has answers to others in it too.
    for (const tensor of tensors) outputs.push(await packCopy<NamedTensor>(tensor, pause));
    const model = { signature, batching };
    const task = { kind: 'write', codec: codec.name, wishes, id, outputs, usage, model } as const;
    const { body, about } = expect('written', await this.#pool.run(task, memoryOf(outputs), interest));
    // What the codec wrote, but in the other thread.
    return { ...about, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) } as unknown as Out;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** The memory that a body is alone in, or a copy where there is other data in it. */
function memoryOfBody(body: Buffer): { readonly memory: ArrayBuffer; readonly bodyOffset: number } {
  const { buffer, byteOffset } = body;
  // A body shorter than Node's pool of small buffers never comes here.
  if (byteOffset < alignmentBytes && buffer.byteLength > Buffer.poolSize)
    return { memory: buffer as ArrayBuffer, bodyOffset: byteOffset };
  return { memory: new Uint8Array(body).buffer, bodyOffset: 0 };
}

function expect<Kind extends 'read' | 'written'>(kind: Kind, outcome: ThreadOutcome): ThreadOutcome & { kind: Kind } {
  switch (outcome.kind) {
    case kind:
      return outcome as ThreadOutcome & { kind: Kind };
    case 'rejected':
      throw new ServingError(outcome.code, outcome.message);
    case 'failed':
      throw outcome.error;
    default:
      throw new Error(`expected that something was ${kind}, got ${outcome.kind}`);
  }
}
