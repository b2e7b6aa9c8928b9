import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableCores } from '../../src/config/available-resources.js';
import { residentBytes } from '../../src/processes/process-status.js';
import { chaosModel } from '../support/model-paths.js';
import { serveModels } from '../support/served-models.js';

const modelCount = 100;
/** Models up to this many have processes of their own; the small ones beyond share one for each core. */
const ownProcesses = 16;

test('a hundred small models are served by a bounded number of engine processes', async (context) => {
  const names = Array.from({ length: modelCount }, (_, index) => `model-${index}`);
  const startedAtMs = performance.now();
  const { server, predict } = await serveModels(
    context,
    Object.fromEntries(names.map((name, index) => [name, { file: chaosModel(`times-${1 + (index % 3)}`) }])),
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  const engines = server.enginePids();
  assert.ok(engines.length <= ownProcesses + availableCores(), `${engines.length} engine processes`);
  const answers = await Promise.all(names.map((name) => predict(name, { instances: [[1, 10]] })));
  for (const [index, { status, text }] of answers.entries()) {
    const factor = 1 + (index % 3);
    assert.deepEqual([status, text], [200, `{"predictions":[[${factor}.0,${10 * factor}.0]]}`], names[index]);
  }
  const held = engines.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0);
  context.diagnostic(
    `${modelCount} models served after ${seconds.toFixed(1)} s by ${engines.length} processes of ${Math.round(held / 2 ** 20)} MiB together`,
  );
});
