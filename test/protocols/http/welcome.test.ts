import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PuppetModel } from '../puppet-service.js';
import { startTestServer } from '../test-server.js';

const echoing = (name: string, size: number): PuppetModel => ({
  name,
  signature: {
    inputs: [{ name: 'x', dataType: 'FP32', shape: ['batch', size] }],
    outputs: [{ name: 'y', dataType: 'FP32', shape: ['batch', size] }],
  },
  compute: (inputs) => [{ ...(inputs.get('x') as NonNullable<ReturnType<typeof inputs.get>>), name: 'y' }],
});

const tryLine = async (models: readonly PuppetModel[], lifetime: Parameters<typeof startTestServer>[0]) => {
  const { app } = await startTestServer(lifetime, { models });
  const answer = await app.inject({ method: 'GET', url: '/', headers: { host: 'somewhere:1' } });
  return answer.json<{ try: string }>().try;
};

test('the welcome shows the shortest request that works', async (context) => {
  const line = await tryLine([echoing('image', 150_000), echoing('small', 2), echoing('wide', 40)], context);
  assert.match(line, /^curl -s http:\/\/somewhere:1\/v1\/models\/small\/predict -d '\{"instances": \[\[[^\]]+\]\]\}'$/);
});

test('where every request is long it says how to make one', async (context) => {
  const line = await tryLine([echoing('image', 150_000)], context);
  assert.equal(line, 'slipway sample image | curl -s http://somewhere:1/v1/models/image/predict -d @-');
});
