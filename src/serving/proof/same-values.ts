import type { DataType } from '../../core/data-type.js';
import type { NamedTensor } from '../../core/tensor.js';

interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** What different batch sizes may change by rounding; every other type must agree exactly. */
const tolerances: Partial<Record<DataType, Tolerance>> = {
  FP32: { absolute: 1e-5, relative: 1e-3 },
  FP64: { absolute: 1e-9, relative: 1e-6 },
};

/** FP16 and BF16 are compared by their bit patterns, which are ordered like the values of one sign. */
const halfPatternsApart = 16;

/** Whether two tensors agree in shape and, to their type's tolerance, in every value. */
export function sameValues(a: NamedTensor, b: NamedTensor): boolean {
  if (a.dataType !== b.dataType || a.shape.join() !== b.shape.join()) return false;
  const equal = equalityOf(a.dataType);
  for (let index = 0; index < a.data.length; index++) {
    if (!equal(a.data[index] as never, b.data[index] as never)) return false;
  }
  return true;
}

function equalityOf(dataType: DataType): (a: number, b: number) => boolean {
  if (dataType === 'FP16' || dataType === 'BF16')
    return (a, b) => Math.abs(a - b) <= halfPatternsApart || bothZero(a, b);
  const tolerance = tolerances[dataType];
  if (tolerance === undefined) return (a, b) => a === b;
  return (a, b) =>
    Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance.absolute + tolerance.relative * Math.abs(b);
}

/** Patterns of +0, −0 and the smallest values around them. */
const bothZero = (a: number, b: number): boolean =>
  (a & 0x7fff) < halfPatternsApart && (b & 0x7fff) < halfPatternsApart;
