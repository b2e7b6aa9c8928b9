import { type JsonDocument, parseJson } from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { ModelFacts } from '../http/inference-form.js';
import { fieldOf, itemsOf, type JsonObject, kindOf, requireObject } from '../json-fields.js';
import { requireInputs } from '../signature-lookup.js';
import { BinaryTail } from './binary-tail.js';
import type { InferBody } from './infer-body.js';
import { readInputTensor } from './input-tensor.js';
import { type OutputRequest, readOutputRequests } from './output-request.js';
import { booleanParameter, countParameter, own, readParameters } from './parameters.js';
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
}

/** Throws INVALID_ARGUMENT naming the input, what was expected and what came. */
export function readInferRequest({ json, binary }: InferBody, model: ModelFacts): InferRequest {
  if (json === undefined) return readRawRequest(binary, model);
  const { signature } = model;
  if (json.length === 0) throw invalidArgument('the body is empty; send a JSON object with "inputs"');
  const document = parseJson(json);
  const root = requireObject(document.root, 'the body');
  const parameters = readParameters(document, fieldOf(root, 'parameters'), '');
  const timeoutMicroseconds = countParameter(parameters, 'timeout', '');
  return {
    ...readId(root),
    inputs: readInputs(document, root, new BinaryTail(binary), signature),
    ...readOutputRequests(document, fieldOf(root, 'outputs'), signature),
    binaryOutput: booleanParameter(parameters, 'binary_data_output', '') ?? false,
    // 0 stands for the default, in both.
    priority: countParameter(parameters, 'priority', '') || undefined,
    timeoutMs: timeoutMicroseconds ? timeoutMicroseconds / 1000 : undefined,
    nonFinite: own(parameters, 'non_finite'),
  };
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
  tail: BinaryTail,
  signature: ModelSignature,
): ReadonlyMap<string, Tensor> {
  const field = fieldOf(root, 'inputs');
  const nodes = itemsOf(document, field);
  if (nodes === undefined) throw invalidArgument(`inputs: expected an array of tensors, got ${kindOf(field)}`);
  const inputs = new Map<string, Tensor>();
  for (const [index, node] of nodes.entries()) {
    const { name, tensor } = readInputTensor(document, requireObject(node, `inputs[${index}]`), index, tail, signature);
    if (inputs.has(name)) throw invalidArgument(`input "${name}" is given twice`);
    inputs.set(name, tensor);
  }
  tail.finish();
  requireInputs(signature, (name) => inputs.has(name), 'inputs');
  return inputs;
}
