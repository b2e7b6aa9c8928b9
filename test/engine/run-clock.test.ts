import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Overrun, RunClock } from '../../src/engine/run-clock.js';

/** A clock whose time and whose process the test moves. */
function clockOf({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  mock.method(performance, 'now', () => nowMs);
  const world = { processorMs: 0 as number | undefined, overruns: [] as Overrun[] };
  const clock = new RunClock({
    processorMs: () => world.processorMs,
    onOverdue: (overrun) => world.overruns.push(overrun),
  });
  const pass = (ms: number, computingShare = 0): void => {
    for (let passed = 0; passed < ms; passed += 10) {
      nowMs += 10;
      if (world.processorMs !== undefined) world.processorMs += 10 * computingShare;
      mock.timers.tick(10);
    }
  };
  return { clock, world, pass };
}

test('a run that computes until its time is over has run too long', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  pass(990, 0.5);
  assert.deepEqual(world.overruns, []);
  pass(30, 0.5);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
});

test('a process that did not get to compute at the end was stalled', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  pass(500, 1);
  pass(520, 0);
  assert.deepEqual(world.overruns, ['STALLED']);
});

test('where nobody knows what the process computes, late is late', (context) => {
  const { clock, world, pass } = clockOf(context);
  world.processorMs = undefined;
  clock.set(1000);
  pass(1020);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
});

test('an answer in the last moment counts', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  pass(900, 1);
  clock.set(undefined);
  pass(5000, 1);
  clock.set(1000);
  pass(950, 1);
  clock.set(1000);
  pass(950, 1);
  clock.clear();
  pass(5000, 1);
  assert.deepEqual(world.overruns, []);
});

test('a time too short to be watched is a little longer', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(20);
  pass(30, 1);
  assert.deepEqual(world.overruns, []);
  pass(50, 1);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
});
