import assert from 'node:assert/strict';
import { halfToNumber } from '../../src/core/half-values.js';
import type { Tensor } from '../../src/core/tensor.js';

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Floats within the tolerance, everything else exactly equal; NaN equals NaN. */
export function assertClose(actual: Tensor | undefined, expected: Tensor, name: string, tolerance: Tolerance): void {
  assert.ok(actual, `no output "${name}"`);
  assert.equal(actual.dataType, expected.dataType, `type of "${name}"`);
  assert.deepEqual(actual.shape, expected.shape, `shape of "${name}"`);
  const isFloat = expected.dataType.startsWith('FP');
  const number = (value: number | bigint | string | undefined): number =>
    expected.dataType === 'FP16' ? halfToNumber(Number(value)) : Number(value);
  for (let index = 0; index < expected.data.length; index++) {
    const [left, right] = [actual.data[index], expected.data[index]];
    if (left === right) continue;
    const where = `"${name}" at ${index}: ${left} where ${right} was expected`;
    assert.ok(isFloat, where);
    const [found, wanted] = [number(left), number(right)];
    const close = Math.abs(found - wanted) <= tolerance.absolute + tolerance.relative * Math.abs(wanted);
    assert.ok(close || Object.is(found, wanted) || (Number.isNaN(found) && Number.isNaN(wanted)), where);
  }
}
