import { setImmediate as turn } from 'node:timers/promises';
import { ServingError } from '../../../core/serving-error.js';
import type { NamedTensor, Tensor } from '../../../core/tensor.js';
import { alignmentBytes } from '../body-collector.js';
import type { CallContent } from '../inference-call.js';
import type { HttpAnswer, InferenceForm, InferenceReading, ModelFacts, Results } from '../inference-form.js';
import { memoryOf, packCopy, unpack } from './parcels.js';
import type { ThreadOutcome } from './thread-messages.js';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';
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

  /** As `form.read`. The body's memory is given away; rejects also as ThreadPool.run does. */
  async read<Wishes>(
    form: InferenceForm<Wishes>,
    content: CallContent,
    model: ModelFacts,
    interest: Interest,
  ): Promise<InferenceReading<Wishes>> {
    const { body, headers, query } = content;
    const { memory, bodyOffset } = memoryOfBody(body);
    const { signature, batching } = model;
    const task = { kind: 'read', form: form.name, memory, bodyOffset, bodyBytes: body.length, headers, query } as const;
    const reading = expect(
      'read',
      await this.#pool.run({ ...task, model: { signature, batching } }, [memory], interest),
    );
    const inputs = new Map<string, Tensor>();
    for (const [name, parcel] of reading.inputs) inputs.set(name, await unpack(parcel, pause));
    return { ...reading, inputs, wishes: reading.wishes as Wishes };
  }

  /** As `form.write`; rejects also as ThreadPool.run does. */
  async write<Wishes>(
    form: InferenceForm<Wishes>,
    wishes: Wishes,
    { id, outputs: tensors }: Results,
    model: ModelFacts,
    interest: Interest,
  ): Promise<HttpAnswer> {
    const outputs = [];
    // The tensors' memory has answers to others in it too.
    for (const tensor of tensors) outputs.push(await packCopy<NamedTensor>(tensor, pause));
    const { signature, batching } = model;
    const task = { kind: 'write', form: form.name, wishes, id, outputs, model: { signature, batching } } as const;
    const { body, headers } = expect('written', await this.#pool.run(task, memoryOf(outputs), interest));
    return { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength), headers };
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
    case 'refused':
      throw new ServingError(outcome.code, outcome.message);
    case 'failed':
      throw outcome.error;
    default:
      throw new Error(`expected that something was ${kind}, got ${outcome.kind}`);
  }
}
