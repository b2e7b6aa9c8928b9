import type { Asker } from '../../test/support/question.js';

/** Of what differs by the size of the batch that a row was computed in. */
const tolerance = 1e-3;

/** One and the same request, for models whose right answer nobody knows: it must always be the first one's. */
export function repeating(path: string, body: string): Asker {
  let first: readonly number[] | undefined;
  return () => ({
    path,
    body,
    fault: (answer) => {
      const numbers = numbersIn(answer);
      first ??= numbers;
      return areClose(first, numbers) ? undefined : `expected ${first.slice(0, 10)}, not ${numbers.slice(0, 10)}`;
    },
  });
}

function numbersIn(node: unknown): readonly number[] {
  if (typeof node === 'number') return [node];
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(numbersIn) : [];
}

const areClose = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length &&
  a.every((value, at) => Math.abs(value - (b[at] as number)) <= tolerance * (1 + Math.abs(value)));
