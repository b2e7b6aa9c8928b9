import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { RequestFinished } from '../../src/core/serving-observer.js';
import { principalMetrics } from '../../src/observability/principal-metrics.js';

const finished = (principal: string | undefined, more: Partial<RequestFinished> = {}): RequestFinished => ({
  protocol: 'v1',
  code: 'OK',
  durationMs: 1,
  principal,
  ...more,
});

test('requests and rows are counted by whose they are; those of nobody are not', async () => {
  const registry = new Registry();
  const { requestFinished } = principalMetrics(registry);
  requestFinished?.(finished('team-a', { rows: 3 }));
  requestFinished?.(finished('team-a', { code: 'NOT_FOUND' }));
  requestFinished?.(finished(undefined, { rows: 5 }));
  const page = await registry.metrics();
  assert.match(page, /slipway_principal_requests_total\{principal="team-a",code="OK"\} 1/);
  assert.match(page, /slipway_principal_requests_total\{principal="team-a",code="NOT_FOUND"\} 1/);
  assert.match(page, /slipway_principal_rows_total\{principal="team-a"\} 3/);
  assert.equal(page.match(/principal_rows_total\{/g)?.length, 1);
});

test('however many callers come, the page has a thousand of them', async () => {
  const registry = new Registry();
  const { requestFinished } = principalMetrics(registry);
  for (let index = 0; index < 1010; index++) requestFinished?.(finished(`jwt:${index}`, { rows: 1 }));
  const page = await registry.metrics();
  assert.equal(page.match(/principal_rows_total\{/g)?.length, 1001);
  assert.match(page, /slipway_principal_rows_total\{principal="\(others\)"\} 10/);
});
