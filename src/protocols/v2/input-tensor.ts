import { type JsonDocument, type JsonNode, plainValue } from '../../codecs/json-document.js';
import { readTensorOfShape } from '../../codecs/json-tensor-reader.js';
import { tensorFromBytes } from '../../codecs/raw-tensor.js';
import type { ShapedTarget } from '../../codecs/tensor-target.js';
import { widenBfloat16 } from '../../codecs/widen-bfloat16.js';
import type { DataType } from '../../core/data-type.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import { formatSpec, type ModelSignature, type TensorSpec } from '../../core/tensor-spec.js';
import { fieldOf, type JsonObject, kindOf } from '../json-fields.js';
import { inputSpec } from '../signature-lookup.js';
import type { BinaryTail } from './binary-tail.js';
import { own, readParameters } from './parameters.js';

/** One element of `inputs`: its `data`, or the next `binary_data_size` bytes behind the JSON. */
export function readInputTensor(
  document: JsonDocument,
  input: JsonObject,
  index: number,
  tail: BinaryTail,
  signature: ModelSignature,
): { name: string; tensor: Tensor } {
  const name = fieldOf(input, 'name');
  if (typeof name !== 'string') throw invalidArgument(`inputs[${index}].name: expected a string, got ${kindOf(name)}`);
  const spec = inputSpec(signature, name);
  const subject = `input "${name}"`;
  const dataType = readDataType(fieldOf(input, 'datatype'), spec);
  const target = { subject, dataType, shape: readShape(document, fieldOf(input, 'shape'), spec) };
  const parameters = readParameters(document, fieldOf(input, 'parameters'), `${subject}: `);
  const binarySize = own(parameters, 'binary_data_size');
  const data = fieldOf(input, 'data');
  if (binarySize === undefined) {
    const tensor = readData(document, data, target, own(parameters, 'content_type') === 'base64');
    return { name, tensor: asDeclared(tensor, spec) };
  }
  if (data !== undefined) throw invalidArgument(`${subject} has both "data" and binary_data_size; send one of them`);
  return { name, tensor: asDeclared(tensorFromBytes(tail.take(binarySize, subject), target), spec) };
}

const asDeclared = (tensor: Tensor, spec: TensorSpec): Tensor =>
  tensor.dataType === spec.dataType ? tensor : widenBfloat16(tensor);

function readData(document: JsonDocument, data: JsonNode | undefined, target: ShapedTarget, isBase64: boolean): Tensor {
  if (data === undefined) {
    throw invalidArgument(`${target.subject} has no data: send "data", or parameters.binary_data_size and its bytes`);
  }
  return readTensorOfShape(document, isBase64 && target.dataType === 'BYTES' ? marked(data) : data, target);
}

/** `content_type: base64` says of every string what `{"b64": …}` says of one. */
function marked(node: JsonNode): JsonNode {
  if (Array.isArray(node)) return node.map(marked);
  return typeof node === 'string' ? { b64: node } : node;
}

function readDataType(dataType: JsonNode | undefined, spec: TensorSpec): DataType {
  const { modelDataType } = spec;
  if (dataType === spec.dataType) return spec.dataType;
  if (modelDataType !== undefined && dataType === modelDataType) return modelDataType;
  const alternative = modelDataType === undefined ? '' : ` or "${modelDataType}"`;
  throw invalidArgument(
    `input "${spec.name}": expected datatype "${spec.dataType}"${alternative} (the input is ${formatSpec(spec)}), got ${kindOf(dataType)}`,
  );
}

function readShape(document: JsonDocument, node: JsonNode | undefined, spec: TensorSpec): number[] {
  const shape = node === undefined ? undefined : plainValue(document, node);
  if (Array.isArray(shape) && shape.every((size): size is number => typeof size === 'number')) return shape;
  throw invalidArgument(
    `input "${spec.name}": shape: expected an array of sizes (the input is ${formatSpec(spec)}), got ${JSON.stringify(shape) ?? 'nothing'}`,
  );
}
