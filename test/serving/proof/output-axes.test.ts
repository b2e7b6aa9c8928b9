import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CountedRun, type OutputAxes, outputAxes } from '../../../src/serving/proof/output-axes.js';

/** A run of so many rows, and the shapes that its outputs had: `y`, `z`. */
const run = (rows: number, ...shapes: readonly (readonly number[])[]): CountedRun => ({
  rows,
  outputs: shapes.map((shape, at) => ({
    name: at === 0 ? 'y' : 'z',
    dataType: 'FP32',
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  })),
});

const found = (axes: OutputAxes): unknown => ('axes' in axes ? Object.fromEntries(axes.axes) : axes.problem);

for (const [about, runs, expected, shared = [], isFixed = false] of [
  ['the axis that is as long as there are rows', [run(2, [2, 3]), run(3, [3, 3])], { y: 0 }],
  ['wherever it lies, in each output', [run(2, [4, 2], [2]), run(3, [4, 3], [3])], { y: 1, z: 0 }],
  ['an axis that is as long by chance in one run is none', [run(2, [2, 2]), run(3, [2, 3])], { y: 1 }],
  ['no axis grows', [run(2, [2, 3]), run(3, [2, 3])], 'output "y" has no batch axis'],
  ['a scalar has none', [run(2, []), run(3, [])], 'output "y" has no batch axis'],
  ['an output without one that all rows share', [run(2, [2], [5]), run(3, [3], [5])], { y: 0 }, ['z']],
  ['an output that all rows share may have one', [run(2, [2], [2]), run(3, [3], [3])], { y: 0, z: 0 }, ['z']],
  [
    'two axes that grow',
    [run(2, [2, 2]), run(3, [3, 3])],
    'axes 0 and 1 of output "y" both grow with the rows, as where rows are compared',
  ],
  ['of two axes of the one possible size the first', [run(8, [8, 8])], { y: 0 }, [], true],
  [
    'another axis that changes with the rows',
    [run(2, [2, 4]), run(3, [3, 6])],
    'the size of output "y" changes with the rows in a run',
  ],
  ['another number of axes', [run(2, [2]), run(3, [3, 1])], 'the size of output "y" changes with the rows in a run'],
  ['a run that lacks the output', [run(2, [2], [2]), run(3, [3])], 'output "z" has no batch axis'],
  ['no run at all shows nothing', [], {}],
] as const satisfies readonly (readonly [string, readonly CountedRun[], unknown, (readonly string[])?, boolean?])[]) {
  test(`where rows lie in outputs: ${about}`, () => {
    assert.deepEqual(found(outputAxes(runs, new Set(shared), isFixed)), expected);
  });
}

test('unless it is said, a run may have other numbers of rows, and no output is shared', () => {
  const both = outputAxes([run(2, [2, 2]), run(3, [3, 3])]);
  assert.match(String(found(both)), /both grow with the rows/);
  assert.equal(found(outputAxes([run(2, []), run(3, [])])), 'output "y" has no batch axis');
});
