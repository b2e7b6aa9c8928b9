import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draws, mixesOf, proofSize } from '../../../src/serving/proof/proof-mixes.js';
import type { RowSeed } from '../../../src/serving/proof/row-pool.js';
import type { ValueKind } from '../../../src/serving/proof/sample-values.js';

test('the cheaper a row, the more rows and runs a proof has', () => {
  const effort = (rowMs: number) => {
    const { plain, others, mixes } = proofSize(rowMs, 16);
    return [plain, others, mixes];
  };
  assert.deepEqual([0.1, 4.9, 5, 99, 100, 1000].map(effort), [
    [6, 40, 24],
    [6, 40, 24],
    [4, 10, 4],
    [4, 10, 4],
    [3, 4, 3],
    [3, 4, 3],
  ]);
});

test('runs of a few sizes are compared, as far as a run may go', () => {
  const sizes = [1, 2, 3, 5, 8, 12, 16, 1000].map((mostRows) => proofSize(1, mostRows).sizes);
  assert.deepEqual(sizes, [[], [2], [2, 3], [2, 3, 5], [2, 3, 8], [2, 3, 8, 12], [2, 3, 8, 16], [2, 3, 8, 16]]);
});

test('what is drawn is repeatable, within bounds, and reaches all of them', () => {
  const draw = draws(7);
  const drawn = Array.from({ length: 200 }, () => draw(10));
  const again = draws(7);
  assert.deepEqual(
    drawn,
    Array.from({ length: 200 }, () => again(10)),
  );
  assert.deepEqual([...new Set(drawn)].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const other = draws(8);
  assert.notDeepEqual(
    drawn,
    Array.from({ length: 200 }, () => other(10)),
  );
  const none = draws(0);
  assert.ok(new Set(Array.from({ length: 50 }, () => none(10))).size > 5, 'no seed leads nowhere');
  assert.notDeepEqual(
    Array.from({ length: 20 }, () => draw(1000)),
    Array.from({ length: 20 }, () => none(1000)),
  );
});

const kind = (name: string): ValueKind => ({ name }) as ValueKind;
const [plain, wide, zero] = [kind('plain'), kind('wide'), kind('zero')];
const rows = (kind: ValueKind, count: number): RowSeed[] =>
  Array.from({ length: count }, (_, number) => ({ kind, number }));
/** A row as a word: its kind's first letter and its number. */
const wordOf = (row: RowSeed): string => `${row.kind.name[0]}${row.number}`;
const wordsOf = (mixes: readonly (readonly RowSeed[])[]): string[] => mixes.map((mix) => mix.map(wordOf).join(' '));

/** Draws the first, always. */
const first = (): number => 0;
/** Draws the last, always. */
const last = (below: number): number => below - 1;

test('a proof mixes plain rows in and against their order, and puts each other row among plain ones in turn', () => {
  const pool = [...rows(plain, 2), ...rows(wide, 2), ...rows(zero, 1)];
  assert.deepEqual(wordsOf(mixesOf(pool, 3, 100, first)), [
    'p0 p1 p0',
    'p0 p1 p0',
    'p0 p0 p0',
    'p0 p0 p0',
    'w0 p0 p0',
    'p0 w1 p0',
    'p0 p0 z0',
    'p0 p0 p0',
    'w0 w0 w0',
    'p0 p0 p0',
    'p0 p0 p0',
  ]);
  assert.deepEqual(wordsOf(mixesOf(pool, 2, 100, last)), [
    'p0 p1',
    'p1 p0',
    'z0 z0',
    'z0 z0',
    'w0 p1',
    'p1 w1',
    'z0 p1',
    'p1 p1',
    'z0 z0',
    'z0 z0',
    'p0 p0',
  ]);
});

test('where there are plain rows only they stand in for the others', () => {
  assert.deepEqual(wordsOf(mixesOf(rows(plain, 2), 2, 100, last)), [
    'p0 p1',
    'p1 p0',
    'p1 p1',
    'p1 p1',
    'p1 p1',
    'p1 p1',
    'p1 p1',
    'p0 p0',
  ]);
});

test('where not all mixes are run, the first four are, and others from all over the list', () => {
  const pool = [...rows(plain, 1), ...rows(wide, 8)];
  const all = wordsOf(mixesOf(pool, 2, 16, first));
  assert.equal(all.length, 16);
  assert.deepEqual(wordsOf(mixesOf(pool, 2, 3, first)), all.slice(0, 3));
  assert.deepEqual(wordsOf(mixesOf(pool, 2, 4, first)), all.slice(0, 4));
  assert.deepEqual(
    wordsOf(mixesOf(pool, 2, 7, first)),
    [0, 1, 2, 3, 7, 11, 15].map((at) => all[at]),
  );
  assert.equal(mixesOf(pool, 2, 15, first).length, 15);
});
