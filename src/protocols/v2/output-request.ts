import {
  fieldOf,
  itemsOf,
  type JsonDocument,
  type JsonNode,
  kindOf,
  plainFields,
  requireObject,
} from '../../codecs/json-document.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { type OutputRequest, outputRequest, requireDistinct } from '../open-inference/output-request.js';
import type { SharedMemory } from '../shared-memory/shared-memory.js';

/** `outputs`; absent or empty means all. */
export function readOutputRequests(
  document: JsonDocument,
  node: JsonNode | undefined,
  signature: ModelSignature,
  sharedMemory: SharedMemory,
): { outputs?: readonly OutputRequest[] } {
  if (node === undefined || node === null) return {};
  const items = itemsOf(document, node);
  if (items === undefined)
    throw invalidArgument(`outputs: expected an array of objects with names, got ${kindOf(node)}`);
  if (items.length === 0) return {};
  const outputs = items.map((item, index) => readOutputRequest(document, item, index, signature, sharedMemory));
  requireDistinct(outputs);
  return { outputs };
}

function readOutputRequest(
  document: JsonDocument,
  node: JsonNode,
  index: number,
  signature: ModelSignature,
  sharedMemory: SharedMemory,
): OutputRequest {
  const output = requireObject(node, `outputs[${index}]`);
  const name = fieldOf(output, 'name');
  if (typeof name !== 'string') throw invalidArgument(`outputs[${index}].name: expected a string, got ${kindOf(name)}`);
  const parameters = plainFields(document, fieldOf(output, 'parameters'), `output "${name}": parameters`);
  return outputRequest(name, parameters, signature, sharedMemory);
}
