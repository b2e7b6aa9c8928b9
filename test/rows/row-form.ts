import type { TensorSpec } from '../../src/core/tensor-spec.js';
import { parseExactJson } from '../conformance/exact-json.js';
import { post } from '../conformance/form.js';
import { fromJsonElements, nestedJson } from '../conformance/json-elements.js';
import type { ServedModel } from '../conformance/served-model.js';
import type { Tensors } from '../conformance/tensors.js';
import { differs } from './made-up-model.js';
import type { Axes } from './row-axes.js';

/**
 * Asks for so many rows at once in row form, each a request of one row by itself, and says where an item of the answer
 * is not what its row gets alone. Element by element: items may differ in size. Rejects with a Rejection as forms do.
 */
export async function rowFormDiffers(
  model: ServedModel,
  axes: Axes,
  rows: readonly { readonly given: Tensors; readonly expected: Tensors }[],
): Promise<string | undefined> {
  const url = `${model.origin}/v1/models/${model.name}/predict`;
  const body = `{"instances":[${rows.map(({ given }) => itemJson(given, axes))}]}`;
  const { bytes } = await post(url, body, { 'content-type': 'application/json' });
  const { predictions } = parseExactJson(bytes.toString()) as { predictions: readonly unknown[] };
  if (predictions.length !== rows.length) return `${predictions.length} items for ${rows.length} rows`;
  for (const [row, { expected }] of rows.entries()) {
    const sentence = differs(itemTensors(model.signature.outputs, predictions[row]), flat(expected));
    if (sentence !== undefined) return `row ${row} of ${rows.length}: ${sentence}`;
  }
  return undefined;
}

/** The value itself where there is one input, else an object that names them; without the axis of the rows. */
function itemJson(given: Tensors, axes: Axes): string {
  const values = Object.entries(given).map(([name, tensor]) => {
    const shape = tensor.shape.filter((_, axis) => axis !== axes.get(name));
    return [JSON.stringify(name), nestedJson({ ...tensor, shape })] as const;
  });
  return values.length === 1 ? (values[0]?.[1] as string) : `{${values.map(([name, json]) => `${name}:${json}`)}}`;
}

function itemTensors(specs: readonly TensorSpec[], item: unknown): Tensors {
  return Object.fromEntries(
    specs.map(({ name, dataType, classLabels }) => {
      const value = specs.length === 1 ? item : (item as Readonly<Record<string, unknown>>)[name];
      const data = fromJsonElements(dataType, elements(value, classLabels));
      return [name, { dataType, shape: [data.length], data }];
    }),
  );
}

/** A map from class label to score has the order of the labels. */
const elements = (value: unknown, labels: TensorSpec['classLabels']): unknown[] => {
  if (Array.isArray(value)) return value.flat(Number.POSITIVE_INFINITY);
  if (labels === undefined || typeof value !== 'object' || value === null || 'b64' in value) return [value];
  return labels.map((label) => (value as Readonly<Record<string, unknown>>)[label]);
};

const flat = (tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, shape: [tensor.data.length] }]),
  );
