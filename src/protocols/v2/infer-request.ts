import {
  fieldOf,
  isObject,
  itemsOf,
  type JsonDocument,
  type JsonObject,
  kindOf,
  parseJson,
  plainFields,
  requireObject,
} from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { InferenceReading, ModelFacts } from '../../inference/inference-codec.js';
import type { OutputRequest } from '../open-inference/output-request.js';
import { booleanParameter, countParameter, own, taskParameters } from '../open-inference/parameters.js';
import { SharedInputs } from '../open-inference/shared-inputs.js';
import type { SharedMemory } from '../shared-memory/shared-memory.js';
import { type GivenInput, inputLookup, meantSignature, requireInputs } from '../signature-lookup.js';
import { BinaryTail } from './binary-tail.js';
import type { InferBody } from './infer-body.js';
import { type InputBytes, readInputTensor } from './input-tensor.js';
import { readOutputRequests } from './output-request.js';
import { readRawInput } from './raw-input.js';

export interface InferRequest {
  readonly id?: string;
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Absent means all outputs, none with wishes of its own. */
  readonly outputs?: readonly OutputRequest[];
  /** For outputs without a wish of their own. */
  readonly binaryOutput: boolean;
  /** 1 is the highest; absent where the request has none. */
  readonly priority: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly nonFinite: unknown;
  readonly signature?: InferenceReading['signature'];
  /** What a task is asked for. */
  readonly parameters?: InferenceReading['parameters'];
}

/** Throws INVALID_ARGUMENT naming the input, what was expected and what came. */
export function readInferRequest(
  { json, binary }: InferBody,
  model: ModelFacts,
  sharedMemory: SharedMemory,
): InferRequest {
  if (json === undefined) return readRawRequest(binary, model);
  if (json.length === 0) throw invalidArgument('the body is empty; send a JSON object with "inputs"');
  const document = parseJson(json);
  const root = requireObject(document.root, 'the body');
  const parameters = plainFields(document, fieldOf(root, 'parameters'), 'parameters');
  const meant = meantSignature(model, model.tensors === undefined ? [] : givenIn(document, root));
  const { signature } = meant.facts;
  const timeoutMicroseconds = countParameter(parameters, 'timeout', '');
  return {
    ...readId(root),
    inputs: readInputs(
      document,
      root,
      { tail: new BinaryTail(binary), shared: new SharedInputs(sharedMemory) },
      signature,
    ),
    ...readOutputRequests(document, fieldOf(root, 'outputs'), signature, sharedMemory),
    binaryOutput: booleanParameter(parameters, 'binary_data_output', '') ?? false,
    // 0 stands for the default, in both.
    priority: countParameter(parameters, 'priority', '') || undefined,
    timeoutMs: timeoutMicroseconds ? timeoutMicroseconds / 1000 : undefined,
    nonFinite: own(parameters, 'non_finite'),
    signature: meant.signature,
    parameters: model.tensors === undefined ? undefined : taskParameters(parameters),
  };
}

/** Of the inputs; what is wrong with one is said when it is read. */
function givenIn(document: JsonDocument, root: JsonObject): GivenInput[] {
  const nodes = itemsOf(document, fieldOf(root, 'inputs')) ?? [];
  return nodes.flatMap((node) => {
    const name = isObject(node) ? fieldOf(node, 'name') : undefined;
    if (typeof name !== 'string') return [];
    return [{ name, isNumeric: fieldOf(node as JsonObject, 'datatype') !== 'BYTES' }];
  });
}

const readRawRequest = (binary: Buffer, model: ModelFacts): InferRequest => ({
  inputs: readRawInput(binary, model),
  binaryOutput: true,
  priority: undefined,
  timeoutMs: undefined,
  nonFinite: undefined,
});

function readId(root: JsonObject): { id?: string } {
  const id = fieldOf(root, 'id');
  if (id === undefined || id === null) return {};
  if (typeof id === 'string') return { id };
  throw invalidArgument(`id: expected a string, got ${kindOf(id)}`);
}

function readInputs(
  document: JsonDocument,
  root: JsonObject,
  bytes: InputBytes,
  signature: ModelSignature,
): ReadonlyMap<string, Tensor> {
  const field = fieldOf(root, 'inputs');
  const nodes = itemsOf(document, field);
  if (nodes === undefined) throw invalidArgument(`inputs: expected an array of tensors, got ${kindOf(field)}`);
  const inputs = new Map<string, Tensor>();
  const specOf = inputLookup(signature);
  for (const [index, node] of nodes.entries()) {
    const { name, tensor } = readInputTensor(document, requireObject(node, `inputs[${index}]`), index, bytes, specOf);
    if (inputs.has(name)) throw invalidArgument(`input "${name}" is given twice`);
    inputs.set(name, tensor);
  }
  bytes.tail.finish();
  requireInputs(signature, (name) => inputs.has(name), 'inputs');
  return inputs;
}
