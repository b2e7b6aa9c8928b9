import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Servable } from '../../src/core/servable.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { LayerFacts } from '../../src/serving/layers.js';
import { taskLayer } from '../../src/serving/task/task-layer.js';
import { classifier, config } from './signatures.js';

/** Lays the layer around a model whose files cannot be read for this. */
async function layAround(failure: Error): Promise<Servable> {
  const description = { signature: classifier } as unknown as Servable['description'];
  const inner = { description } as Servable;
  const task = {
    facts: { plan: { settings: { type: 'text-embedding' }, origins: {}, notes: [] } },
    folder: { names: new Set(['config.json']), read: async () => Promise.reject(failure) },
  };
  const facts = { id: { name: 'm', version: 1 }, config, prepared: { task } } as unknown as LayerFacts;
  return taskLayer({ open: async () => assert.fail('nothing can be opened') })(inner, facts);
}

test('a task whose files are away for now fails the load, and is not turned off', async () => {
  const away = new ServingError('UNAVAILABLE', 'config.json cannot be read: ENOENT', { retryAfterSeconds: 1 });
  await assert.rejects(layAround(away), away);
});

test('a task that cannot be served is off, and says why; its tensors are served', async () => {
  const servable = await layAround(new Error('config.json is larger than 4194304 bytes'));
  assert.deepEqual(servable.description.task, { off: 'config.json is larger than 4194304 bytes' });
  assert.equal(servable.description.signature, classifier);
});
