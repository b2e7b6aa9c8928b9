import { isObject, type JsonDocument, type JsonNode } from '../../codecs/json-document.js';
import { base64Of } from '../../codecs/json-element.js';
import { readTensor } from '../../codecs/json-tensor-reader.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { describeSpecs, inputLookup, requireInputs, soleInput } from '../signature-lookup.js';
import { asInput } from '../tensorflow-serving/row-layout.js';
import { areMaps, readMapRows, takesMaps } from './map-rows.js';
import { targetOf } from './row-form.js';

/** A whole tensor a name, or the tensor itself where the model has one input. */
export function readColumnForm(document: JsonDocument, node: JsonNode, signature: ModelSignature): Map<string, Tensor> {
  const spec = soleInput(signature);
  const isValue = !isObject(node) || (base64Of(node) !== undefined && spec !== undefined && spec.name !== 'b64');
  if (!isValue) return readNamedColumns(document, node, signature);
  if (spec === undefined) {
    throw invalidArgument(
      `inputs: expected an object that names the model's inputs, ${describeSpecs(signature.inputs)}`,
    );
  }
  return new Map([[spec.name, readColumn(document, node, spec)]]);
}

function readNamedColumns(
  document: JsonDocument,
  columns: { [name: string]: JsonNode },
  signature: ModelSignature,
): Map<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  const specOf = inputLookup(signature);
  for (const [name, column] of Object.entries(columns)) {
    inputs.set(name, readColumn(document, column, specOf(name)));
  }
  requireInputs(signature, (name) => inputs.has(name), 'inputs');
  return inputs;
}

function readColumn(document: JsonDocument, node: JsonNode, spec: TensorSpec): Tensor {
  if (takesMaps(spec) && areMaps(node)) return readMapRows(document, node, spec);
  return asInput(readTensor(document, node, targetOf(spec)), spec, 0);
}
