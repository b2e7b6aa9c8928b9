import { halfToNumber } from '../../src/core/half-values.js';
import type { Tensor } from '../../src/core/tensor.js';
import type { Tensors } from './tensors.js';

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** What the ONNX project's own tests allow. */
export const usualTolerance: Tolerance = { relative: 1e-3, absolute: 1e-5 };
/** Two units in the last place of what is a bfloat16 in the model, of which the reference rounds at other steps. */
export const bfloat16Tolerance: Tolerance = { relative: 1 / 64, absolute: 1e-5 };

/** Says in a sentence where the tensors differ; undefined where all that is expected is there. */
export function difference(
  actual: Tensors,
  expected: Tensors,
  toleranceOf: (name: string) => Tolerance = () => usualTolerance,
): string | undefined {
  for (const [name, wanted] of Object.entries(expected)) {
    const came = actual[name];
    const sentence = came === undefined ? 'it is missing' : tensorDifference(came, wanted, toleranceOf(name));
    if (sentence !== undefined) return `output "${name}": ${sentence}`;
  }
  return undefined;
}

/** Floats within the tolerance, everything else exactly; NaN equals NaN. */
function tensorDifference(came: Tensor, wanted: Tensor, tolerance: Tolerance): string | undefined {
  if (came.dataType !== wanted.dataType) return `${came.dataType} where ${wanted.dataType} is expected`;
  if (came.shape.join() !== wanted.shape.join()) return `shape [${came.shape}] where [${wanted.shape}] is expected`;
  if (came.data.length !== wanted.data.length) return `${came.data.length} elements, expected ${wanted.data.length}`;
  const isFloat = wanted.dataType === 'FP16' || wanted.dataType === 'FP32' || wanted.dataType === 'FP64';
  let differing = 0;
  let first = '';
  for (let at = 0; at < wanted.data.length; at++) {
    const [left, right] = [came.data[at], wanted.data[at]];
    if (left === right || (isFloat && isClose(elementAt(came, at), elementAt(wanted, at), tolerance))) continue;
    if (differing === 0) first = `${show(came, at)} where ${show(wanted, at)} is expected (element ${at})`;
    differing++;
  }
  return differing === 0 ? undefined : `${differing} of ${wanted.data.length} elements differ, first ${first}`;
}

function isClose(came: number, wanted: number, { relative, absolute }: Tolerance): boolean {
  if (Number.isNaN(wanted)) return Number.isNaN(came);
  return came === wanted || Math.abs(came - wanted) <= absolute + relative * Math.abs(wanted);
}

const elementAt = ({ dataType, data }: Tensor, at: number): number =>
  dataType === 'FP16' ? halfToNumber(data[at] as number) : Number(data[at]);

const show = (tensor: Tensor, at: number): string =>
  tensor.dataType === 'FP16' ? String(elementAt(tensor, at)) : JSON.stringify(tensor.data[at], bigintAsText);

const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
