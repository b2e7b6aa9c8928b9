import type { JsonDocument, JsonNode } from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { fieldOf, itemsOf, kindOf, requireObject } from '../json-fields.js';
import { outputSpec } from '../signature-lookup.js';
import { booleanParameter, countParameter, own, readParameters } from './parameters.js';

/** An output that was asked for by name, and the form it is wanted in. */
export interface OutputRequest {
  readonly name: string;
  /** Absent where the request as a whole decides. */
  readonly binary: boolean | undefined;
  /** How many of the highest scores are wanted as labels instead of the tensor itself. */
  readonly classes: number | undefined;
  readonly isBase64: boolean;
}

/** `outputs`; absent or empty means all. */
export function readOutputRequests(
  document: JsonDocument,
  node: JsonNode | undefined,
  signature: ModelSignature,
): { outputs?: readonly OutputRequest[] } {
  if (node === undefined || node === null) return {};
  const items = itemsOf(document, node);
  if (items === undefined)
    throw invalidArgument(`outputs: expected an array of objects with names, got ${kindOf(node)}`);
  if (items.length === 0) return {};
  const outputs = items.map((item, index) => readOutputRequest(document, item, index, signature));
  const twice = outputs.find(({ name }, index) => outputs.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw invalidArgument(`output "${twice.name}" is asked for twice`);
  return { outputs };
}

function readOutputRequest(
  document: JsonDocument,
  node: JsonNode,
  index: number,
  signature: ModelSignature,
): OutputRequest {
  const output = requireObject(node, `outputs[${index}]`);
  const name = fieldOf(output, 'name');
  if (typeof name !== 'string') throw invalidArgument(`outputs[${index}].name: expected a string, got ${kindOf(name)}`);
  const { dataType } = outputSpec(signature, name);
  const subject = `output "${name}": `;
  const parameters = readParameters(document, fieldOf(output, 'parameters'), subject);
  const classes = countParameter(parameters, 'classification', subject) || undefined;
  if (classes !== undefined && (dataType === 'BYTES' || dataType === 'BOOL')) {
    throw invalidArgument(`${subject}classification needs scores, the output is ${dataType}`);
  }
  return {
    name,
    binary: booleanParameter(parameters, 'binary_data', subject),
    classes,
    isBase64: dataType === 'BYTES' && own(parameters, 'content_type') === 'base64',
  };
}
