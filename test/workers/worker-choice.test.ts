import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTaker, type WorkerSituation, type WorkerState, witnesses } from '../../src/workers/worker-choice.js';

interface Worker extends WorkerSituation {
  readonly name: string;
}

const worker = (name: string, state: WorkerState, connections = 0): Worker => ({
  name,
  state,
  connections,
  isStuck: name.startsWith('stuck'),
  isReplacement: name.endsWith("'"),
});

interface World {
  readonly about: string;
  readonly workers: readonly Worker[];
  readonly taker: string | undefined;
  readonly witnesses: readonly string[];
}

const worlds: readonly World[] = [
  {
    about: 'nobody is there yet',
    workers: [worker('a', 'starting'), worker('b', 'starting')],
    taker: undefined,
    witnesses: ['a', 'b'],
  },
  {
    about: 'all load: connections are answered, and none of the workers is left out',
    workers: [worker('a', 'listening', 3), worker('b', 'listening', 2)],
    taker: 'b',
    witnesses: ['a', 'b'],
  },
  {
    about: 'one has settled: connections go there, the server waits for both',
    workers: [worker('a', 'loaded', 3), worker('b', 'listening', 0)],
    taker: 'a',
    witnesses: ['a', 'b'],
  },
  {
    about: 'all have settled: the fewest connections',
    workers: [worker('a', 'loaded', 3), worker('b', 'loaded', 1), worker('c', 'loaded', 1)],
    taker: 'b',
    witnesses: ['a', 'b', 'c'],
  },
  {
    about: 'a replacement that loads gets nothing, and nobody waits for it',
    workers: [worker('a', 'loaded', 9), worker("b'", 'listening', 0)],
    taker: 'a',
    witnesses: ['a'],
  },
  {
    about: 'a replacement that has settled counts, and fills up first',
    workers: [worker('a', 'loaded', 9), worker("b'", 'loaded', 0)],
    taker: "b'",
    witnesses: ['a', "b'"],
  },
  {
    about: 'none of the workers of the start is left: those that load speak for the server',
    workers: [worker("a'", 'starting'), worker("b'", 'listening')],
    taker: "b'",
    witnesses: ["b'"],
  },
  {
    about: 'one does not move: it gets nothing while another does',
    workers: [worker('stuck a', 'loaded', 0), worker('b', 'loaded', 9)],
    taker: 'b',
    witnesses: ['stuck a', 'b'],
  },
  {
    about: 'none moves: some have to wait',
    workers: [worker('stuck a', 'loaded', 0)],
    taker: 'stuck a',
    witnesses: ['stuck a'],
  },
  { about: 'nobody is left', workers: [worker("a'", 'starting')], taker: undefined, witnesses: [] },
];

for (const { about, workers, taker, witnesses: counted } of worlds) {
  test(`when ${about}`, () => {
    assert.equal(nextTaker(workers)?.name, taker);
    assert.deepEqual(
      witnesses(workers).map(({ name }) => name),
      counted,
    );
  });
}
