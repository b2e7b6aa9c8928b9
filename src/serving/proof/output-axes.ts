import type { NamedTensor } from '../../core/tensor.js';

/** Which axis of each output has a row for each row of the inputs; or a sentence about an output without one. */
export type OutputAxes = { readonly axes: ReadonlyMap<string, number> } | { readonly problem: string };

/** The outputs of a run, and how many rows it had. */
export interface CountedRun {
  readonly rows: number;
  readonly outputs: readonly NamedTensor[];
}

/**
 * What runs of different numbers of rows, all else alike, show: the one axis that is as long as there are rows.
 * `shared`: outputs known to be the same for all rows, which need none. `isFixed`: there is one run, of the only possible
 * size; of several axes of that length the first is meant.
 */
export function outputAxes(
  runs: readonly CountedRun[],
  shared: ReadonlySet<string> = new Set(),
  isFixed = false,
): OutputAxes {
  const axes = new Map<string, number>();
  for (const [index, { name }] of (runs[0]?.outputs ?? []).entries()) {
    const shapes = runs.map(({ outputs }) => outputs[index]?.shape ?? []);
    const counting = countingAxes(shapes, runs);
    const [axis] = counting;
    if (axis === undefined) {
      if (shared.has(name)) continue;
      return { problem: `output "${name}" has no batch axis` };
    }
    if (counting.length > 1 && !isFixed) {
      const named = counting.join(' and ');
      return { problem: `axes ${named} of output "${name}" both grow with the rows, as where rows are compared` };
    }
    if (changesElsewhere(shapes, axis))
      return { problem: `the size of output "${name}" changes with the rows in a run` };
    axes.set(name, axis);
  }
  return { axes };
}

function countingAxes(shapes: readonly (readonly number[])[], runs: readonly CountedRun[]): readonly number[] {
  const [first = []] = shapes;
  return first.flatMap((_, axis) => (runs.every(({ rows }, run) => shapes[run]?.[axis] === rows) ? [axis] : []));
}

const changesElsewhere = (shapes: readonly (readonly number[])[], axis: number): boolean =>
  new Set(shapes.map((shape) => shape.toSpliced(axis, 1).join())).size > 1;
