import { numberToHalf } from '../../src/codecs/half-float.js';
import type { DataType } from '../../src/core/data-type.js';
import { halfToNumber } from '../../src/core/half-values.js';
import { allocate, type Tensor, type TensorData } from '../../src/core/tensor.js';

/** The JSON of each element, in the order of the tensor. */
export function jsonElements({ dataType, data }: Tensor): string[] {
  return Array.from(data as ArrayLike<number | bigint | string>, (element) => {
    if (dataType === 'BYTES') return JSON.stringify(element);
    if (dataType === 'BOOL') return element === 0 ? 'false' : 'true';
    if (typeof element === 'bigint') return String(element);
    const value = dataType === 'FP16' ? halfToNumber(element as number) : (element as number);
    if (!Number.isFinite(value)) return `"${value}"`;
    return Object.is(value, -0) ? '-0.0' : String(value);
  });
}

/** Arrays inside arrays, as the shape has it; a scalar is its one element. */
export function nestedJson(tensor: Tensor): string {
  let parts = jsonElements(tensor);
  for (let axis = tensor.shape.length - 1; axis >= 0; axis--) {
    const size = tensor.shape[axis] as number;
    const count = tensor.shape.slice(0, axis).reduce((product, length) => product * length, 1);
    parts = Array.from({ length: count }, (_, at) => `[${parts.slice(at * size, (at + 1) * size).join(',')}]`);
  }
  return parts[0] as string;
}

/** Elements as a server answers them, strings among them where a number has more digits than a double. */
export function fromJsonElements(dataType: DataType, elements: readonly unknown[]): TensorData {
  if (dataType === 'BYTES') return elements.map(textOf);
  const data = allocate(dataType, elements.length) as Exclude<TensorData, readonly string[]>;
  elements.forEach((element, at) => {
    data[at] = numberOf(dataType, element);
  });
  return data;
}

function numberOf(dataType: DataType, element: unknown): number | bigint {
  if (dataType === 'BOOL') return Number(expectType(element, 'boolean'));
  if (dataType === 'INT64' || dataType === 'UINT64') return BigInt(element as number | string);
  // "NaN" and the infinities, which the server was told to write as strings.
  const value = typeof element === 'string' ? Number(element) : expectType(element, 'number');
  return dataType === 'FP16' ? numberToHalf(Number(value)) : Number(value);
}

function textOf(element: unknown): string {
  if (typeof element === 'string') return element;
  const { b64 } = element as { b64: string };
  return Buffer.from(b64, 'base64').toString();
}

function expectType(element: unknown, type: 'boolean' | 'number'): unknown {
  if (typeof element === type) return element;
  throw new Error(`expected a ${type}, got ${JSON.stringify(element)}`);
}
