import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { metricTypesOf } from '../support/metrics-page.js';
import { metricsWith } from '../support/metrics-with.js';
import { needs, runCommand } from './commands.js';
import { projectPath, projectText } from './deployment-files.js';
import { dashboard, dashboardQueries, metricsIn, rules } from './promql.js';

const exported = [...metricTypesOf(await metricsWith().render()).keys()];

/** Fails where an expression is not PromQL. */
function assertPromql(context: TestContext, expressions: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'promql-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const groups = expressions.map((expr, index) => ({ name: `group ${index}`, rules: [{ record: 'checked', expr }] }));
  const path = join(folder, 'rules.yml');
  writeFileSync(path, stringify({ groups }));
  const { status, output } = runCommand('promtool', ['check', 'rules', path]);
  assert.equal(status, 0, output);
}

describe('the Prometheus configuration', needs('promtool'), () => {
  test('is valid, its rules included', () => {
    const { status, output } = runCommand('promtool', [
      'check',
      'config',
      projectPath('deploy/prometheus/prometheus.yml'),
    ]);
    assert.equal(status, 0, output);
    assert.match(output, /rules found/);
  });

  test('raises its alerts when it should and only then', () => {
    const { status, output } = runCommand('promtool', [
      'test',
      'rules',
      projectPath('deploy/prometheus/rules.test.yml'),
    ]);
    assert.equal(status, 0, output);
  });
});

describe('the alert rules', () => {
  test('ask only for metrics that the server exports', () => {
    for (const { record, alert, expr } of rules)
      for (const metric of metricsIn(expr)) assert.ok(exported.includes(metric), `${record ?? alert}: ${metric}`);
  });
});

describe('the dashboard', () => {
  test('asks only for metrics that the server exports', () => {
    for (const { panel, expr } of dashboardQueries('1m'))
      for (const metric of metricsIn(expr)) assert.ok(exported.includes(metric), `${panel}: ${metric}`);
    for (const { query } of dashboard.templating.list)
      for (const metric of metricsIn(JSON.stringify(query))) assert.ok(exported.includes(metric), metric);
  });

  test('asks in PromQL', needs('promtool'), (context) => {
    assertPromql(
      context,
      dashboardQueries('1m').map(({ expr }) => expr),
    );
  });

  test('leaves no variable unanswered', () => {
    for (const { panel, expr } of dashboardQueries('1m')) assert.doesNotMatch(expr, /\$/, panel);
  });

  test('has panels that do not lie on each other, each with a number of its own', () => {
    const { panels } = dashboard;
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
  });
});

describe('docs/metrics.md', needs('promtool'), () => {
  test('gives examples in PromQL', (context) => {
    const examples = Array.from(projectText('docs/metrics.md').matchAll(/```promql\n(.*?)```/gs), ([, block]) => block!)
      .join('')
      .trimEnd()
      .split('\n');
    assert.ok(examples.length > 5);
    assertPromql(context, examples);
    for (const metric of examples.flatMap(metricsIn)) assert.ok(exported.includes(metric), metric);
  });
});

describe('the page of metrics', needs('promtool'), () => {
  test('is as Prometheus wants it', async () => {
    const iris = { name: 'iris', version: 1 };
    const metrics = metricsWith({
      gauges: () => [{ id: iris, queuedRows: 1, queuedRequests: 1, inFlightRequests: 1, instances: 1 }],
      models: () => [{ name: 'iris', versions: [{ ...iris, state: 'AVAILABLE', labels: [] }] }],
      engineResidentBytes: () => [{ id: iris, bytes: 1 }],
    });
    metrics.observer.versionStateChanged({ id: iris, state: 'AVAILABLE' });
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 1 });
    metrics.observer.requestFinished({ protocol: 'v1', code: 'NOT_FOUND', durationMs: 1 });
    const { status, output } = runCommand('promtool', ['check', 'metrics'], await metrics.render());
    assert.deepEqual({ status, output }, { status: 0, output: '' });
  });
});
