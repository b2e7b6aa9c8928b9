import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FrontSituation, type FrontState, nextTaker, witnesses } from '../../src/fronts/roster.js';

interface Front extends FrontSituation {
  readonly name: string;
}

const front = (name: string, state: FrontState, connections = 0): Front => ({
  name,
  state,
  connections,
  isStuck: name.startsWith('stuck'),
  isReplacement: name.endsWith("'"),
});

interface World {
  readonly about: string;
  readonly fronts: readonly Front[];
  readonly taker: string | undefined;
  readonly witnesses: readonly string[];
}

const worlds: readonly World[] = [
  {
    about: 'nobody is there yet',
    fronts: [front('a', 'starting'), front('b', 'starting')],
    taker: undefined,
    witnesses: ['a', 'b'],
  },
  {
    about: 'all load: connections are answered, and none of the fronts is left out',
    fronts: [front('a', 'listening', 3), front('b', 'listening', 2)],
    taker: 'b',
    witnesses: ['a', 'b'],
  },
  {
    about: 'one has settled: connections go there, the server waits for both',
    fronts: [front('a', 'settled', 3), front('b', 'listening', 0)],
    taker: 'a',
    witnesses: ['a', 'b'],
  },
  {
    about: 'all have settled: the fewest connections',
    fronts: [front('a', 'settled', 3), front('b', 'settled', 1), front('c', 'settled', 1)],
    taker: 'b',
    witnesses: ['a', 'b', 'c'],
  },
  {
    about: 'a replacement that loads gets nothing, and nobody waits for it',
    fronts: [front('a', 'settled', 9), front("b'", 'listening', 0)],
    taker: 'a',
    witnesses: ['a'],
  },
  {
    about: 'a replacement that has settled counts, and fills up first',
    fronts: [front('a', 'settled', 9), front("b'", 'settled', 0)],
    taker: "b'",
    witnesses: ['a', "b'"],
  },
  {
    about: 'none of the fronts of the start is left: those that load speak for the server',
    fronts: [front("a'", 'starting'), front("b'", 'listening')],
    taker: "b'",
    witnesses: ["b'"],
  },
  {
    about: 'one does not move: it gets nothing while another does',
    fronts: [front('stuck a', 'settled', 0), front('b', 'settled', 9)],
    taker: 'b',
    witnesses: ['stuck a', 'b'],
  },
  {
    about: 'none moves: some have to wait',
    fronts: [front('stuck a', 'settled', 0)],
    taker: 'stuck a',
    witnesses: ['stuck a'],
  },
  { about: 'nobody is left', fronts: [front("a'", 'starting')], taker: undefined, witnesses: [] },
];

for (const { about, fronts, taker, witnesses: counted } of worlds) {
  test(`when ${about}`, () => {
    assert.equal(nextTaker(fronts)?.name, taker);
    assert.deepEqual(
      witnesses(fronts).map(({ name }) => name),
      counted,
    );
  });
}
