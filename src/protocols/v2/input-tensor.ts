import {
  fieldOf,
  type JsonDocument,
  type JsonNode,
  type JsonObject,
  kindOf,
  plainFields,
  plainValue,
} from '../../codecs/json-document.js';
import { readTensorOfShape } from '../../codecs/json-tensor-reader.js';
import { tensorFromBytes } from '../../codecs/raw-tensor.js';
import type { ShapedTarget } from '../../codecs/tensor-target.js';
import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import type { Tensor } from '../../core/tensor.js';
import { formatSpec, type TensorSpec } from '../../core/tensor-spec.js';
import { asDeclared, declaredDataType, declaredShape } from '../open-inference/declared-input.js';
import { own } from '../open-inference/parameters.js';
import type { SharedInputs } from '../open-inference/shared-inputs.js';
import { readSharedTensor, sharedPart } from '../open-inference/shared-tensor.js';
import type { BinaryTail } from './binary-tail.js';

/** Where the bytes of inputs lie that are not JSON. */
export interface InputBytes {
  readonly tail: BinaryTail;
  readonly shared: SharedInputs;
}

/** One element of `inputs`: its `data`, the next `binary_data_size` bytes behind the JSON, or a part of shared memory. */
export function readInputTensor(
  document: JsonDocument,
  input: JsonObject,
  index: number,
  { tail, shared }: InputBytes,
  specOf: (name: string) => TensorSpec,
): { name: string; tensor: Tensor } {
  const name = fieldOf(input, 'name');
  if (typeof name !== 'string') throw invalidArgument(`inputs[${index}].name: expected a string, got ${kindOf(name)}`);
  const spec = specOf(name);
  const subject = `input "${name}"`;
  const sentType = fieldOf(input, 'datatype');
  const dataType = declaredDataType(sentType, spec, () => kindOf(sentType));
  const shape = readShape(document, fieldOf(input, 'shape'), spec);
  const target = { subject, dataType, shape, ...(spec.content && { content: spec.content }) };
  const parameters = plainFields(document, fieldOf(input, 'parameters'), `${subject}: parameters`);
  const binarySize = own(parameters, 'binary_data_size');
  const data = fieldOf(input, 'data');
  const part = sharedPart(parameters, `${subject}: `);
  if (part !== undefined) {
    if ((data !== undefined && data !== null) || binarySize !== undefined)
      throw invalidArgument(`${subject} has both data of its own and a shared_memory_region; send one of them`);
    return { name, tensor: asDeclared(readSharedTensor(shared.locate(part, subject), target), spec) };
  }
  if (binarySize === undefined) {
    const tensor = readData(document, data, target, own(parameters, 'content_type') === 'base64');
    return { name, tensor: asDeclared(tensor, spec) };
  }
  if (data !== undefined && data !== null)
    throw invalidArgument(`${subject} has both "data" and binary_data_size; send one of them`);
  return { name, tensor: asDeclared(tensorFromBytes(tail.take(binarySize, subject), target), spec) };
}

function readData(document: JsonDocument, data: JsonNode | undefined, target: ShapedTarget, isBase64: boolean): Tensor {
  if (data === undefined || data === null) {
    throw invalidArgument(`${target.subject} has no data: send "data", or parameters.binary_data_size and its bytes`);
  }
  return readTensorOfShape(document, isBase64 && target.dataType === 'BYTES' ? marked(data) : data, target);
}

/** `content_type: base64` says of every string what `{"b64": …}` says of one. */
function marked(node: JsonNode): JsonNode {
  if (Array.isArray(node)) return node.map(marked);
  return typeof node === 'string' ? { b64: node } : node;
}

function readShape(document: JsonDocument, node: JsonNode | undefined, spec: TensorSpec): number[] {
  const shape = node === undefined ? undefined : plainValue(document, node);
  if (Array.isArray(shape) && shape.every((size): size is number => typeof size === 'number')) {
    return declaredShape(shape, spec);
  }
  throw invalidArgument(
    `input "${spec.name}": shape: expected an array of sizes (the input is ${formatSpec(spec)}), got ${shownValue(shape)}`,
  );
}
