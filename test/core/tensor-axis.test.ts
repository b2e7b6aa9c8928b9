import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { elementCount, type Tensor } from '../../src/core/tensor.js';
import { laidAlong, moveAxis } from '../../src/core/tensor-axis.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });

const counted = (shape: readonly number[]): Tensor => ({
  dataType: 'INT32',
  shape,
  data: Int32Array.from({ length: elementCount(shape) }, (_, index) => index),
});

const textOf = ({ shape, data }: Tensor): Tensor => ({ dataType: 'BYTES', shape, data: Array.from(data, String) });

/** Every position of a shape, in row-major order. */
const positions = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (all, size) => all.flatMap((head) => Array.from({ length: size }, (_, at) => [...head, at])),
    [[]],
  );

const at = ({ shape, data }: Tensor, position: readonly number[]): unknown =>
  data[position.reduce((index, place, axis) => index * (shape[axis] as number) + place, 0)];

test('an axis that is moved takes its elements along', () => {
  fc.assert(
    fc.property(shapes, fc.nat(3), fc.nat(3), fc.boolean(), (shape, a, b, asText) => {
      const [from, to] = [a % shape.length, b % shape.length];
      const tensor = asText ? textOf(counted(shape)) : counted(shape);
      const moved = moveAxis(tensor, from, to);
      for (const position of positions(moved.shape)) {
        const before = position.toSpliced(to, 1).toSpliced(from, 0, position[to] as number);
        assert.equal(at(moved, position), at(tensor, before));
      }
      assert.equal(moved.data.length, tensor.data.length);
      assert.deepEqual(moveAxis(moved, to, from), tensor);
    }),
  );
});

test('rows of several tensors lie side by side along an axis', () => {
  fc.assert(
    fc.property(shapes, fc.nat(3), fc.boolean(), (shape, a, asText) => {
      const axis = a % shape.length;
      const wide = counted(shape.with(axis, 5));
      const tensors = asText ? [textOf(wide), textOf(counted(shape))] : [wide, counted(shape)];
      const [first, second] = tensors as [Tensor, Tensor];
      const data = laidAlong(axis, [
        { tensor: first, firstRow: 1, rows: 3 },
        { tensor: second, firstRow: 0, rows: shape[axis] as number },
      ]);
      const whole = { ...first, shape: shape.with(axis, 3 + (shape[axis] as number)), data };
      for (const position of positions(whole.shape)) {
        const row = position[axis] as number;
        const [tensor, own] = row < 3 ? [first, row + 1] : [second, row - 3];
        assert.equal(at(whole, position), at(tensor, position.with(axis, own)));
      }
    }),
  );
});
