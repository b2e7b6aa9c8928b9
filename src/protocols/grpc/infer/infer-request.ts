import { tensorFromBytes } from '../../../codecs/raw-tensor.js';
import { invalidArgument } from '../../../core/serving-error.js';
import { shownValue } from '../../../core/short-text.js';
import type { Tensor } from '../../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../../core/tensor-spec.js';
import type { InferenceReading, ModelFacts } from '../../../inference/inference-codec.js';
import { asDeclared, declaredDataType, declaredShape } from '../../open-inference/declared-input.js';
import { type OutputRequest, outputRequest, requireDistinct } from '../../open-inference/output-request.js';
import { booleanParameter, countParameter, taskParameters } from '../../open-inference/parameters.js';
import { SharedInputs } from '../../open-inference/shared-inputs.js';
import { readSharedTensor, sharedPart } from '../../open-inference/shared-tensor.js';
import type { SharedMemory } from '../../shared-memory/shared-memory.js';
import { type GivenInput, inputLookup, meantSignature, requireInputs } from '../../signature-lookup.js';
import { tensorFromFields } from '../wire/tensor-fields.js';
import { type InferMessage, type InputMessage, readInferMessage } from './infer-message.js';
import type { InferWishes } from './infer-response.js';
import { typedContents } from './typed-contents.js';

/** Throws INVALID_ARGUMENT naming the input, what was expected and what came. */
export function readInferRequest(
  body: Buffer,
  model: ModelFacts,
  sharedMemory: SharedMemory,
): InferenceReading<InferWishes> {
  const message = readInferMessage(body);
  const { id, parameters } = message;
  const given = model.tensors === undefined ? [] : message.inputs.map(givenOf);
  const meant = meantSignature(model, given);
  const { signature } = meant.facts;
  const timeoutMicroseconds = countParameter(parameters, 'timeout', '');
  const inputs = readInputs(message, signature, sharedMemory);
  const outputs = readOutputs(message, signature, sharedMemory);
  const saysFinal = booleanParameter(parameters, 'triton_enable_empty_final_response', '') ?? false;
  return {
    inputs,
    outputs: outputs?.map(({ name }) => name),
    // 0 stands for the default, in both.
    priority: countParameter(parameters, 'priority', '') || undefined,
    timeoutMs: timeoutMicroseconds ? timeoutMicroseconds / 1000 : undefined,
    signature: meant.signature,
    parameters: model.tensors === undefined ? undefined : taskParameters(parameters),
    wishes: { id, outputs, saysFinal },
  };
}

const givenOf = ({ name, dataType }: InputMessage): GivenInput => ({ name, isNumeric: dataType !== 'BYTES' });

function readInputs(
  message: InferMessage,
  signature: ModelSignature,
  sharedMemory: SharedMemory,
): ReadonlyMap<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  const specOf = inputLookup(signature);
  const raw = new RawContents(message.raw);
  const shared = new SharedInputs(sharedMemory);
  for (const input of message.inputs) {
    if (inputs.has(input.name)) throw invalidArgument(`input "${input.name}" is given twice`);
    inputs.set(input.name, readInput(input, specOf(input.name), { raw, shared }));
  }
  raw.finish();
  requireInputs(signature, (name) => inputs.has(name), 'inputs');
  return inputs;
}

interface InputBytes {
  readonly raw: RawContents;
  readonly shared: SharedInputs;
}

/** An input's `contents`, the next of `raw_input_contents`, or a part of shared memory. */
function readInput(input: InputMessage, spec: TensorSpec, { raw, shared }: InputBytes): Tensor {
  const { name, parameters, contents } = input;
  const subject = `input "${name}"`;
  const dataType = declaredDataType(input.dataType, spec, () => `the string ${shownValue(input.dataType)}`);
  const shape = declaredShape(input.shape, spec);
  const target = { subject, dataType, shape, ...(spec.content && { content: spec.content }) };
  const hasContents = contents.some(({ length }) => length > 0);
  const part = sharedPart(parameters, `${subject}: `);
  if (part !== undefined) {
    if (hasContents)
      throw invalidArgument(`${subject} has both data of its own and a shared_memory_region; send one of them`);
    return asDeclared(readSharedTensor(shared.locate(part, subject), target), spec);
  }
  if (raw.isEmpty) return asDeclared(tensorFromFields(contents, target, typedContents), spec);
  if (hasContents)
    throw invalidArgument(`${subject} has contents, and the request has raw_input_contents; send one of them`);
  return asDeclared(tensorFromBytes(raw.take(subject), target), spec);
}

/** `raw_input_contents`, taken in the order in which the inputs are listed; those in shared memory have none. */
class RawContents {
  readonly #items: readonly Buffer[];
  #taken = 0;

  constructor(items: readonly Buffer[]) {
    this.#items = items;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  take(subject: string): Buffer {
    const item = this.#items[this.#taken++];
    if (item !== undefined) return item;
    throw invalidArgument(
      `${subject}: raw_input_contents has ${this.#items.length} items, which the inputs before it took; expected one for each input`,
    );
  }

  /** Throws INVALID_ARGUMENT where items are left that belong to no input. */
  finish(): void {
    if (this.#taken === this.#items.length) return;
    throw invalidArgument(
      `raw_input_contents has ${this.#items.length} items, and the inputs took ${this.#taken}; expected one for each input`,
    );
  }
}

function readOutputs(
  { outputs }: InferMessage,
  signature: ModelSignature,
  sharedMemory: SharedMemory,
): readonly OutputRequest[] | undefined {
  if (outputs.length === 0) return undefined;
  const requests = outputs.map(({ name, parameters }) => outputRequest(name, parameters, signature, sharedMemory));
  requireDistinct(requests);
  return requests;
}
