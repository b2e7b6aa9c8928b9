import type { MessagePort } from 'node:worker_threads';
import { ServingError } from '../../core/serving-error.js';
import { isStrings, plainData, type Tensor } from '../../core/tensor.js';
import type { InferenceCodec, Message, WrittenMessage } from '../inference-codec.js';
import type { ThreadOutcome, ThreadTask } from './thread-messages.js';
import { memoryOf, noPause, packOwn, type Transferable, unpack } from './transferables.js';

interface Done {
  readonly outcome: ThreadOutcome;
  readonly memory: ArrayBuffer[];
}

type Codecs = readonly InferenceCodec<never>[];

/** What the program of a codec thread does: reads and writes what it is sent, by these codecs, one task at a time. */
export function serveCodecs(port: MessagePort, codecs: Codecs): void {
  port.on('message', async (task: ThreadTask) => {
    const { outcome, memory } = await run(task, codecs).catch(undone);
    port.postMessage(outcome, memory);
  });
}

async function run(task: ThreadTask, codecs: Codecs): Promise<Done> {
  const codec = codecs.find(({ name }) => name === task.codec);
  if (codec === undefined) throw new Error(`there is no codec ${task.codec}`);
  return task.kind === 'read' ? read(task, codec as InferenceCodec) : write(task, codec as InferenceCodec);
}

async function read(task: ThreadTask & { kind: 'read' }, codec: InferenceCodec): Promise<Done> {
  const { memory, bodyOffset, bodyBytes, about, model } = task;
  const message: Message = { ...about, body: Buffer.from(memory, bodyOffset, bodyBytes) };
  const reading = codec.read(message, model);
  const inputs = new Map<string, Transferable>();
  for (const [name, tensor] of reading.inputs) inputs.set(name, await packOwn(alone(tensor, memory), noPause));
  return { outcome: { ...reading, kind: 'read', inputs }, memory: memoryOf(inputs.values()) };
}

async function write(task: ThreadTask & { kind: 'write' }, codec: InferenceCodec): Promise<Done> {
  const { id, wishes, model, usage } = task;
  const outputs = task.outputs.map((packed) => ({ ...packed, data: plainData(unpack(packed).data) }));
  const { body: written, tail, ...about }: WrittenMessage = codec.write(wishes, { id, outputs, usage }, model);
  const head = typeof written === 'string' ? Buffer.from(written) : written;
  const body = tail === undefined ? head : Buffer.concat([head, ...tail]);
  const isAlone = body.byteLength === body.buffer.byteLength;
  const bytes = isAlone ? body : new Uint8Array(body);
  return { outcome: { kind: 'written', body: bytes, about }, memory: [bytes.buffer as ArrayBuffer] };
}

/** The tensor in memory that may be given away: its own, or the body's. */
function alone(tensor: Tensor, body: ArrayBuffer): Tensor {
  const { data } = tensor;
  if (isStrings(data) || data.buffer === body || data.byteLength === data.buffer.byteLength) return tensor;
  return { ...tensor, data: data.slice() };
}

function undone(error: unknown): Done {
  const outcome: ThreadOutcome =
    error instanceof ServingError
      ? { kind: 'rejected', code: error.code, message: error.message }
      : { kind: 'failed', error };
  return { outcome, memory: [] };
}
