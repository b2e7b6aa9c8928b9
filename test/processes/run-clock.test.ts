import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ProcessorTimes } from '../../src/processes/process-status.js';
import { type Overrun, RunClock } from '../../src/processes/run-clock.js';

/** A clock whose time and whose process the test moves. */
function clockOf({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  mock.method(performance, 'now', () => nowMs);
  const world = { times: { ranMs: 0, waitedMs: 0 } as ProcessorTimes | undefined, overruns: [] as Overrun[] };
  const clock = new RunClock({
    processorTimes: () => world.times,
    onOverdue: (overrun) => world.overruns.push(overrun),
  });
  const pass = (ms: number, computingShare = 0, waitingShare = 0): void => {
    for (let passed = 0; passed < ms; passed += 10) {
      nowMs += 10;
      if (world.times !== undefined) {
        const { ranMs, waitedMs } = world.times;
        world.times = { ranMs: ranMs + 10 * computingShare, waitedMs: waitedMs + 10 * waitingShare };
      }
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
  world.times = undefined;
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

test('a run is watched for the last quarter of its time: at least 50 ms, at most half a second', (context) => {
  for (const [timeoutMs, watchedFromMs] of [
    [10_000, 9500],
    [2000, 1500],
    [1000, 750],
    [400, 300],
    [100, 50],
  ] as const) {
    const { clock, world, pass } = clockOf(context);
    clock.set(timeoutMs);
    // It computes for all but the time in which it is watched.
    pass(watchedFromMs, 1);
    pass(timeoutMs - watchedFromMs - 10, 0);
    assert.deepEqual(world.overruns, [], `${timeoutMs}`);
    pass(20, 0);
    assert.deepEqual(world.overruns, ['STALLED'], `${timeoutMs}`);
    context.mock.timers.reset();
    context.mock.reset();
  }
});

test('whoever had a hundredth of the processor was not stalled', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(2000);
  pass(2000, 0.01);
  clock.set(2000);
  pass(2000, 0.009);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT', 'STALLED']);
});

test('what the process computes may be unknown at either end of the watch', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  pass(900, 0);
  world.times = undefined;
  pass(100);
  world.overruns.length = 0;
  clock.set(1000);
  pass(900);
  world.times = { ranMs: 0, waitedMs: 0 };
  pass(100);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
});

test('a later deadline takes the place of an earlier one, and an earlier that of a later', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  pass(500, 1);
  clock.set(1000);
  pass(990, 1);
  assert.deepEqual(world.overruns, []);
  pass(10, 1);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
  clock.set(10_000);
  pass(100, 1);
  clock.set(200);
  pass(200, 1);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT', 'RUN_TIMEOUT']);
  pass(20_000, 1);
  assert.equal(world.overruns.length, 2, 'each is over once');
});

test('a deadline that was lifted is not armed again by the timer that was set for it', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  clock.set(undefined);
  pass(5000, 1);
  clock.set(1000);
  clock.clear();
  clock.set(3000);
  pass(2990, 1);
  assert.deepEqual(world.overruns, []);
  pass(10, 1);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
});

test('while deadlines only move later no timer is armed', (context) => {
  const { clock, pass } = clockOf(context);
  const armed = context.mock.method(globalThis, 'setTimeout');
  for (let runs = 0; runs < 5; runs++) {
    clock.set(1000);
    pass(10, 1);
    clock.set(undefined);
  }
  assert.equal(armed.mock.callCount(), 1);
});

test('a time that was cleared is never over', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(1000);
  clock.clear();
  pass(5000, 1);
  assert.deepEqual(world.overruns, []);
});

test('an overdue run whose process waits for a processor has all of its time', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(60_000, 5000);
  pass(20_000, 0.005, 0.9);
  assert.deepEqual(world.overruns, []);
  clock.set(60_000, 5000);
  pass(59_900, 0.2, 0.8);
  assert.deepEqual(world.overruns, []);
  pass(1000, 0.2, 0.8);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
  clock.set(1000);
  pass(1010, 0.005, 0.9);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT', 'STALLED'], 'none is over later than its time');
});

test('an overdue run is over once its process has a processor, or wants none', (context) => {
  const { clock, world, pass } = clockOf(context);
  clock.set(60_000, 5000);
  pass(10_000, 0.05, 0.9);
  assert.deepEqual(world.overruns, []);
  pass(5000, 1);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT']);
  clock.set(60_000, 5000);
  pass(5010);
  assert.deepEqual(world.overruns, ['RUN_TIMEOUT', 'STALLED']);
});
