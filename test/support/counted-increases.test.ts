import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountedIncreases } from './counted-increases.js';
import { MetricsPage } from './metrics-page.js';

const page = (...lines: string[]): MetricsPage => new MetricsPage(lines.join('\n'));

test('a series that leaves the page keeps what it had, one that comes again begins at nothing', () => {
  const counted = new CountedIncreases(['done_total']);
  counted.take(page('done_total{model="a",code="OK"} 5', 'done_total{model="b",code="OK"} 2', 'other_total 9'));
  counted.take(page('done_total{model="a",code="OK"} 7'));
  counted.take(page('done_total{model="a",code="OK"} 7', 'done_total{model="b",code="OK"} 3'));
  counted.take(page('done_total{model="a",code="OK"} 1', 'done_total{model="b",code="OK"} 3'));
  assert.equal(counted.page.sum('done_total'), 8 + 5);
  assert.equal(counted.page.sum('done_total', { model: 'a' }), 8);
  assert.equal(counted.page.sum('other_total'), 0, 'it was not asked for');
});
