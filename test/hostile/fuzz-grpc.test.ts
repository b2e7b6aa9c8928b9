import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzGrpc } from './fuzz-grpc.js';

test('damaged messages, frames and bytes end nothing: each gets a status, and nothing is left of it', async () => {
  const { faults, outcomes } = await fuzzGrpc({ requests: 1500, seed: 7, atOnce: 16 });
  assert.deepEqual(faults, []);
  assert.ok((outcomes.get('INVALID_ARGUMENT') ?? 0) > 100);
  assert.ok((outcomes.get('OK') ?? 0) > 10);
});
