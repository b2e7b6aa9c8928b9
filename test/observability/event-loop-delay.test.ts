import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { EventLoopDelay } from '../../src/observability/event-loop-delay.js';
import { samplesOf } from './metrics-page.js';

test('EventLoopDelay samples while it runs and not before or after', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const registry = new Registry();
  const delay = new EventLoopDelay(registry);
  const count = async () => samplesOf(await registry.metrics()).get('slipway_event_loop_delay_seconds_count');
  context.mock.timers.tick(100);
  assert.equal(await count(), 0);
  delay.start();
  delay.start();
  context.mock.timers.tick(250);
  assert.equal(await count(), 2);
  delay.stop();
  context.mock.timers.tick(250);
  assert.equal(await count(), 2);
});
