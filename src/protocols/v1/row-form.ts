import type { JsonDocument, JsonNode } from '../../codecs/json-document.js';
import { base64Of } from '../../codecs/json-element.js';
import { readRows, readTensor } from '../../codecs/json-tensor-reader.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { fieldOf, isObject, type JsonObject, kindOf } from '../json-fields.js';
import { describeSpecs, inputSpec, requireInputs, soleInput } from '../signature-lookup.js';
import { fitShape } from './fit-shape.js';
import { areMaps, readMapRows, takesMaps } from './map-rows.js';

export interface Rows {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly count: number;
}

/** One item a row: an object that names the inputs, or the value itself where there is one input. `key` is the items' name. */
export function readRowForm(document: JsonDocument, node: JsonNode, signature: ModelSignature, key: string): Rows {
  if (Array.isArray(node)) {
    if (node.length === 0) throw emptyRows(key);
    const sole = soleInput(signature);
    if (sole !== undefined && takesMaps(sole) && areMaps(node) && !node.some((item) => namesMap(item, sole))) {
      return { inputs: new Map([[sole.name, readMapRows(document, node, sole)]]), count: node.length };
    }
    if (node.some((item) => namesInputs(item, signature))) return readNamedRows(document, node, signature, key);
  }
  const spec = soleInput(signature);
  if (spec === undefined) {
    throw invalidArgument(
      `${key}: each item has to be an object that names the model's inputs, ${describeSpecs(signature.inputs)}`,
    );
  }
  refuseScalarInput(spec, key);
  const tensor = readTensor(document, node, { subject: subjectOf(spec), dataType: spec.dataType });
  const [count] = tensor.shape;
  if (count === undefined) throw invalidArgument(`${key}: expected an array with one item a row, got a single value`);
  if (count === 0) throw emptyRows(key);
  return { inputs: new Map([[spec.name, fitShape(tensor, spec)]]), count };
}

function readNamedRows(
  document: JsonDocument,
  items: readonly JsonNode[],
  signature: ModelSignature,
  key: string,
): Rows {
  const rows = items.map((item, index) => {
    if (isObject(item)) return item;
    throw invalidArgument(
      `${key}[${index}]: expected an object that names inputs, as other items do, got ${kindOf(item)}`,
    );
  });
  const named = signature.inputs.filter((spec) => Object.hasOwn(rows[0]!, spec.name));
  for (const [index, row] of rows.entries()) checkKeys(row, named, signature, `${key}[${index}]`);
  const inputs = new Map<string, Tensor>();
  for (const spec of named) {
    refuseScalarInput(spec, key);
    const nodes = rows.map((row) => row[spec.name] as JsonNode);
    inputs.set(spec.name, readNamed(document, nodes, spec));
  }
  return { inputs, count: rows.length };
}

function readNamed(document: JsonDocument, nodes: readonly JsonNode[], spec: TensorSpec): Tensor {
  if (takesMaps(spec) && nodes.some(isObject)) return readMapRows(document, nodes, spec);
  return fitShape(readRows(document, nodes, { subject: subjectOf(spec), dataType: spec.dataType }), spec);
}

/** `{"x": {…}}` rather than the map itself. */
const namesMap = (item: JsonNode, { name }: TensorSpec): boolean => {
  const value = isObject(item) ? fieldOf(item, name) : undefined;
  return isObject(value) || Array.isArray(value);
};

/** Every row names the same inputs: those of the model, of which only optional ones may be left out. */
function checkKeys(row: JsonObject, named: readonly TensorSpec[], signature: ModelSignature, where: string): void {
  const keys = Object.keys(row);
  const isLikeFirst = keys.length === named.length && named.every((spec) => Object.hasOwn(row, spec.name));
  if (isLikeFirst && named.length === signature.inputs.length) return;
  for (const name of keys) inputSpec(signature, name);
  requireInputs(signature, (name) => Object.hasOwn(row, name), where);
  if (!isLikeFirst) throw invalidArgument(`${where}: names other optional inputs than the first item`);
}

/** `{"b64": …}` is a value, unless the model has an input of that name. */
const namesInputs = (item: JsonNode, { inputs }: ModelSignature): boolean =>
  isObject(item) && (base64Of(item) === undefined || inputs.some((spec) => spec.name === 'b64'));

export const subjectOf = (spec: TensorSpec): string => `input "${spec.name}"`;

const emptyRows = (key: string): Error => invalidArgument(`${key}: expected one item or more, got an empty array`);

function refuseScalarInput(spec: TensorSpec, key: string): void {
  if (spec.shape?.length !== 0) return;
  throw invalidArgument(
    `${key}: input "${spec.name}" is a single ${spec.dataType} without rows; send {"inputs": {"${spec.name}": …}} instead`,
  );
}
