import type { Tensor } from '../../src/core/tensor.js';
import type { TensorSpec } from '../../src/core/tensor-spec.js';
import { parseExactJson } from './exact-json.js';
import { type Form, post } from './form.js';
import { fromJsonElements, nestedJson } from './json-elements.js';
import type { ServedModel } from './served-model.js';
import { rowCount, type Tensors, takeRow } from './tensors.js';

const headers = { 'content-type': 'application/json' };
const predictUrl = ({ origin, name }: ServedModel): string => `${origin}/v1/models/${name}/predict`;

/** Whole tensors by name. */
export const askV1Columns: Form = async (model, inputs) => {
  const columns = Object.entries(inputs).map(([name, tensor]) => `${JSON.stringify(name)}:${nestedJson(tensor)}`);
  const { bytes } = await post(predictUrl(model), `{"inputs":{${columns}}}`, headers);
  const { outputs } = parseExactJson(bytes.toString()) as { outputs: unknown };
  return byName(model.signature.outputs, (name, isOnly) =>
    isOnly ? outputs : (outputs as Readonly<Record<string, unknown>>)[name],
  );
};

/** An item a row; only for inputs and outputs that have one first axis in common. */
export const askV1Rows: Form = async (model, inputs) => {
  const rows = Array.from({ length: rowCount(inputs) as number }, (_, row) => rowJson(takeRow(inputs, row)));
  const { bytes } = await post(predictUrl(model), `{"instances":[${rows}]}`, headers);
  const { predictions } = parseExactJson(bytes.toString()) as { predictions: readonly unknown[] };
  return byName(model.signature.outputs, (name, isOnly) =>
    isOnly ? predictions : predictions.map((row) => (row as Readonly<Record<string, unknown>>)[name]),
  );
};

/** The value itself where there is one input, else an object that names them. */
function rowJson(row: Tensors): string {
  const values = Object.entries(row).map(([name, tensor]) => {
    const { shape, ...rest } = tensor;
    return [JSON.stringify(name), nestedJson({ ...rest, shape: shape.slice(1) })] as const;
  });
  return values.length === 1 ? (values[0]?.[1] as string) : `{${values.map(([name, json]) => `${name}:${json}`)}}`;
}

function byName(specs: readonly TensorSpec[], pick: (name: string, isOnly: boolean) => unknown): Tensors {
  const values = specs.map((spec) => [spec, pick(spec.name, specs.length === 1)] as const);
  return Object.fromEntries(
    values.filter(([, value]) => value !== undefined).map(([spec, value]) => [spec.name, fromNested(spec, value)]),
  );
}

/** The shape is read from the nesting, whose axes behind an empty one cannot be seen. */
function fromNested({ dataType, classLabels }: TensorSpec, value: unknown): Tensor {
  const shape: number[] = [];
  let level: readonly unknown[] = [inColumns(value, classLabels)];
  while (Array.isArray(level[0])) {
    const arrays = level as readonly (readonly unknown[])[];
    const size = arrays[0]?.length as number;
    if (arrays.some((array) => array.length !== size)) throw new Error('the arrays have different lengths');
    shape.push(size);
    level = arrays.flat(1);
  }
  return { dataType, shape, data: fromJsonElements(dataType, level) };
}

/** Rows that are maps from class label to score, as the columns that the labels name. */
function inColumns(value: unknown, labels: TensorSpec['classLabels']): unknown {
  if (labels === undefined || !Array.isArray(value) || !value.every(isMap)) return value;
  return value.map((row) => {
    if (Object.keys(row).length !== labels.length) throw new Error(`a row has the labels ${Object.keys(row)}`);
    return labels.map((label) => row[label]);
  });
}

const isMap = (row: unknown): row is Readonly<Record<string | number, unknown>> =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

/** What nested arrays can tell of tensors: axes behind an empty one are lost. */
export const asNested = (tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, ...rest }]) => {
      const empty = shape.indexOf(0);
      return [name, { ...rest, shape: empty === -1 ? shape : shape.slice(0, empty + 1) }];
    }),
  );
