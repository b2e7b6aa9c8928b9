import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apiExamples } from '../../src/protocols/api-examples.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
before(async () => {
  server = await (await ServerProcess.start()).ready();
  // Ready when one model serves; the examples ask for all of them.
  await server.until(async () => {
    const response = await fetch(`${server.origin}/v1/models`);
    const { models } = (await response.json()) as { models: { state: string; versions: string[] }[] };
    return models.every(({ state }) => state === 'AVAILABLE');
  }, 'all models to serve');
});
after(() => server.stop());

/** Machines may differ in the last digits of a float; everything else is exact. */
function assertAlike(actual: unknown, expected: unknown, where: string): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const near = Math.abs(actual - expected) <= 1e-6 + 1e-4 * Math.abs(expected);
    assert.ok(near, `${where}: expected ${expected}, got ${actual}`);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${where}: expected an object, got ${actual}`);
    assert.deepEqual(Object.keys(actual), Object.keys(expected), where);
    for (const [key, value] of Object.entries(expected)) {
      assertAlike((actual as Record<string, unknown>)[key], value, `${where}.${key}`);
    }
  } else {
    assert.equal(actual, expected, where);
  }
}

for (const { name, operationId, path, body, response: documented } of apiExamples) {
  test(`the documented example ${name} of ${operationId} gets its documented response`, async () => {
    const request: RequestInit =
      body === undefined
        ? {}
        : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(server.origin + path, request);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assertAlike(JSON.parse(text), documented, name);
  });
}
