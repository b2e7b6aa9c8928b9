import {
  fieldOf,
  isObject,
  type JsonDocument,
  type JsonNode,
  type JsonObject,
  kindOf,
} from '../../codecs/json-document.js';
import { base64Of } from '../../codecs/json-element.js';
import { readRows, readTensor } from '../../codecs/json-tensor-reader.js';
import type { TensorTarget } from '../../codecs/tensor-target.js';
import type { RowLayout } from '../../core/inference.js';
import type { Batching } from '../../core/model.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import type { ModelFacts } from '../../inference/inference-codec.js';
import { describeSpecs, inputLookup, requireInputs, soleInput } from '../signature-lookup.js';
import { asInput, requireRows, rowAxis, type SentRows } from '../tensorflow-serving/row-layout.js';
import { areMaps, readMapRows, takesMaps } from './map-rows.js';

export interface Rows {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly sent: SentRows;
  readonly layout: RowLayout;
}

export interface RowFormOptions {
  readonly model: ModelFacts;
  /** The items' name in the body. */
  readonly key: string;
  /** The outputs that are asked for; absent means all. */
  readonly outputs?: readonly TensorSpec[];
}

/**
 * One item a row, without the batch axis: an object that names the inputs, or the value itself where there is one input.
 * Throws INVALID_ARGUMENT where the model does not take or answer rows, however many there are.
 */
export function readRowForm(document: JsonDocument, node: JsonNode, { model, key, outputs }: RowFormOptions): Rows {
  const { signature, batching } = model;
  const { axes } = batching;
  // Mostly rows lie along axis 0 of everything.
  if (axes !== undefined || batching.kind === 'none') requireRows(model, key, outputs);
  const layout = axes === undefined ? leading : { axes };
  const spec = soleInput(signature);
  const { inputs, count } =
    Array.isArray(node) && areNamed(node, signature, spec)
      ? readNamedRows(document, node, { signature, batching, key })
      : readSoleRows(document, node, { signature, batching, key, spec });
  return { inputs, layout, sent: axes === undefined ? { count } : { count, outputAxes: axes.outputs } };
}

interface RowTarget {
  readonly signature: ModelSignature;
  readonly batching: Batching;
  readonly key: string;
}

interface ReadRows {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly count: number;
}

/** Rows of the one input that there is. */
function readSoleRows(
  document: JsonDocument,
  node: JsonNode,
  { signature, batching, key, spec }: RowTarget & { readonly spec: TensorSpec | undefined },
): ReadRows {
  if (spec === undefined) {
    throw invalidArgument(
      `${key}: each item has to be an object that names the model's inputs, ${describeSpecs(signature.inputs)}`,
    );
  }
  const axis = rowAxis(batching, spec, key);
  const rows =
    Array.isArray(node) && takesMaps(spec) && areMaps(node)
      ? readMapRows(document, node, spec)
      : readTensor(document, node, targetOf(spec));
  const [count] = rows.shape;
  if (count === undefined) throw invalidArgument(`${key}: expected an array with one item a row, got a single value`);
  if (count === 0) throw invalidArgument(`${key}: expected one item or more, got an empty array`);
  return { inputs: new Map([[spec.name, asInput(rows, spec, axis)]]), count };
}

function readNamedRows(
  document: JsonDocument,
  items: readonly JsonNode[],
  { signature, batching, key }: RowTarget,
): ReadRows {
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
    const axis = rowAxis(batching, spec, key);
    const nodes = rows.map((row) => row[spec.name] as JsonNode);
    const tensor =
      takesMaps(spec) && nodes.some(isObject)
        ? readMapRows(document, nodes, spec)
        : readRows(document, nodes, targetOf(spec));
    inputs.set(spec.name, asInput(tensor, spec, axis));
  }
  return { inputs, count: rows.length };
}

/** `{"x": {…}}` rather than the map itself. */
const namesMap = (item: JsonNode, { name }: TensorSpec): boolean => {
  const value = isObject(item) ? fieldOf(item, name) : undefined;
  return isObject(value) || Array.isArray(value);
};

/** Whether items are objects that name inputs, rather than the values of the sole one. */
function areNamed(items: readonly JsonNode[], signature: ModelSignature, sole: TensorSpec | undefined): boolean {
  const areRowsOfMaps =
    sole !== undefined && takesMaps(sole) && areMaps(items) && !items.some((item) => namesMap(item, sole));
  return !areRowsOfMaps && items.some((item) => namesInputs(item, signature));
}

/** Every row names the same inputs: those of the model, of which only optional ones may be left out. */
function checkKeys(row: JsonObject, named: readonly TensorSpec[], signature: ModelSignature, where: string): void {
  const keys = Object.keys(row);
  const isLikeFirst = keys.length === named.length && named.every((spec) => Object.hasOwn(row, spec.name));
  if (isLikeFirst && named.length === signature.inputs.length) return;
  const specOf = inputLookup(signature);
  for (const name of keys) specOf(name);
  requireInputs(signature, (name) => Object.hasOwn(row, name), where);
  if (!isLikeFirst) throw invalidArgument(`${where}: names other optional inputs than the first item`);
}

/** `{"b64": …}` is a value, unless the model has an input of that name. */
const namesInputs = (item: JsonNode, { inputs }: ModelSignature): boolean =>
  isObject(item) && (base64Of(item) === undefined || inputs.some((spec) => spec.name === 'b64'));

/** Most models' rows lie along axis 0 of everything. */
const leading: RowLayout = {};

/** What is read for an input. */
export const targetOf = (spec: TensorSpec): TensorTarget => ({
  subject: `input "${spec.name}"`,
  dataType: spec.dataType,
  ...(spec.content && { content: spec.content }),
});
