import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { NonFinite } from '../codecs/json-writer.js';
import { ServingError } from '../core/serving-error.js';
import { isStrings, type Tensor } from '../core/tensor.js';
import { memoryOf, noPause, type Parcel, packOwn, unpack } from './http/codec-threads/parcels.js';
import type { ThreadOutcome, ThreadTask } from './http/codec-threads/thread-messages.js';
import type { InferenceForm } from './http/inference-form.js';
import { v1Forms } from './v1/forms.js';
import { inferForm } from './v2/infer-form.js';

/** The program of a thread that reads large bodies and writes large answers. */

export interface CodecThreadData {
  readonly nonFinite: NonFinite;
}

interface Done {
  readonly outcome: ThreadOutcome;
  readonly memory: ArrayBuffer[];
}

const { nonFinite } = workerData as CodecThreadData;
const { predict, classify, regress } = v1Forms(nonFinite);
const forms: readonly InferenceForm[] = [predict, classify, regress, inferForm(nonFinite)];

const port = parentPort as MessagePort;
port.on('message', async (task: ThreadTask) => {
  const { outcome, memory } = await run(task).catch(undone);
  port.postMessage(outcome, memory);
});

async function run(task: ThreadTask): Promise<Done> {
  const form = forms.find(({ name }) => name === task.form);
  if (form === undefined) throw new Error(`there is no form ${task.form}`);
  return task.kind === 'read' ? read(task, form) : write(task, form);
}

async function read(task: ThreadTask & { kind: 'read' }, form: InferenceForm): Promise<Done> {
  const { memory, bodyOffset, bodyBytes, headers, query, model } = task;
  const reading = form.read({ body: Buffer.from(memory, bodyOffset, bodyBytes), headers, query }, model);
  const inputs = new Map<string, Parcel>();
  for (const [name, tensor] of reading.inputs) inputs.set(name, await packOwn(alone(tensor, memory), noPause));
  return { outcome: { ...reading, kind: 'read', inputs }, memory: memoryOf(inputs.values()) };
}

async function write(task: ThreadTask & { kind: 'write' }, form: InferenceForm): Promise<Done> {
  const { id, wishes, model } = task;
  const outputs = await Promise.all(task.outputs.map((parcel) => unpack(parcel, noPause)));
  const { body: answer, headers } = form.write(wishes, { id, outputs }, model);
  const body = typeof answer === 'string' ? Buffer.from(answer) : answer;
  const isAlone = body.byteLength === body.buffer.byteLength;
  const bytes = isAlone ? body : new Uint8Array(body);
  return { outcome: { kind: 'written', body: bytes, headers }, memory: [bytes.buffer as ArrayBuffer] };
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
      ? { kind: 'refused', code: error.code, message: error.message }
      : { kind: 'failed', error };
  return { outcome, memory: [] };
}
