import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { EventLoopDelay } from '../../src/observability/event-loop-delay.js';
import { samplesOf } from '../support/metrics-page.js';

test('EventLoopDelay samples while it runs and not before or after, and seldom where nothing is to be done', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const registry = new Registry();
  let share = 0.5;
  const delay = new EventLoopDelay({ registry, busyShare: () => share });
  const count = async () => samplesOf(await registry.metrics()).get('slipway_event_loop_delay_seconds_count');
  context.mock.timers.tick(100);
  assert.equal(await count(), 0);
  delay.start();
  delay.start();
  context.mock.timers.tick(100);
  context.mock.timers.tick(99);
  assert.equal(await count(), 1);
  context.mock.timers.tick(1);
  assert.equal(await count(), 2);
  share = 0;
  context.mock.timers.tick(100);
  assert.equal(await count(), 3);
  context.mock.timers.tick(999);
  assert.equal(await count(), 3);
  share = 0.5;
  context.mock.timers.tick(1);
  assert.equal(await count(), 4);
  context.mock.timers.tick(100);
  assert.equal(await count(), 5);
  delay.stop();
  context.mock.timers.tick(2000);
  assert.equal(await count(), 5);
});

test('EventLoopDelay samples ever more seldom where the process goes on resting, and at once where it works again', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const registry = new Registry();
  let share = 0;
  const delay = new EventLoopDelay({ registry, busyShare: () => share });
  const count = async () => samplesOf(await registry.metrics()).get('slipway_event_loop_delay_seconds_count');
  delay.start();
  for (const [index, intervalMs] of [100, 1000, 2000, 4000, 8000, 8000].entries()) {
    context.mock.timers.tick(intervalMs - 1);
    assert.equal(await count(), index);
    context.mock.timers.tick(1);
    assert.equal(await count(), index + 1);
  }
  share = 0.5;
  context.mock.timers.tick(8000);
  context.mock.timers.tick(100);
  assert.equal(await count(), 8);
  delay.stop();
});
