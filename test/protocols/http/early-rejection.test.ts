import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ServingError } from '../../../src/core/serving-error.js';
import type { PuppetModel } from '../puppet-service.js';
import { startTestServer } from '../test-server.js';
import { countSlow, post, Wire } from './fast-path/wire.js';

const spec = { name: 'x', dataType: 'FP32', shape: ['batch', 2] } as const;
const busy: PuppetModel = {
  name: 'busy',
  signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }] },
  compute: () => [],
  rejection: new ServingError('UNAVAILABLE', 'busy/1 is overloaded', { retryAfterSeconds: 7 }),
};

const { app, service, finished } = await startTestServer({ after }, { models: [busy] });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));

const openConnections = promisify(app.server.getConnections.bind(app.server)) as () => Promise<number>;

const path = '/v1/models/busy/predict';
/** Whoever read it would answer 400. */
const unreadable = '{"instances": [';

/** `TE` is a header that the fast path leaves to Fastify. */
const readers = { 'the fast path': {}, Fastify: { TE: 'trailers' } };

for (const [reader, headers] of Object.entries(readers)) {
  test(`what a model rejects is answered unread, by ${reader}, and counted once`, async () => {
    const slowRequests = countSlow(app);
    const wire = await Wire.open(app);
    for (const question of [path, '/v1/models/busy:predict', '/v2/models/busy/infer']) {
      wire.send(post({ path: question, body: unreadable, headers }));
      const { status, headers: answered, body } = await wire.answer();
      assert.deepEqual([status, body], [503, '{"error":"busy/1 is overloaded"}']);
      assert.equal(answered['retry-after'], '7');
      assert.match(String(answered['x-request-id']), /^[0-9a-f-]{36}$/);
    }
    wire.close();
    assert.equal(slowRequests(), reader === 'Fastify' ? 3 : 0);
    assert.deepEqual(
      finished.splice(0).map(({ id, protocol, code, status }) => [id?.name, protocol, code, status]),
      [
        ['busy', 'v1', 'UNAVAILABLE', 503],
        ['busy', 'v1', 'UNAVAILABLE', 503],
        ['busy', 'v2', 'UNAVAILABLE', 503],
      ],
    );
    assert.equal(service.leases, 0);
  });
}

test('the answer comes before a large body does, and the connection is good for the next request', async () => {
  const wire = await Wire.open(app);
  const request = post({ path, body: ' '.repeat(90_000) });
  wire.send(request.subarray(0, 1000));
  assert.equal((await wire.answer()).status, 503);
  wire.send(request.subarray(1000));
  wire.send(post({ path, body: unreadable }));
  assert.equal((await wire.answer()).status, 503);
  wire.close();
  await wire.closed();
  assert.equal(finished.splice(0).length, 2);
});

test('a caller who hangs up in the middle of what was rejected is not counted again', async () => {
  const wire = await Wire.open(app);
  wire.send(post({ path, body: ' '.repeat(90_000) }).subarray(0, 1000));
  assert.equal((await wire.answer()).status, 503);
  const closed = once(wire.socket, 'close');
  wire.close();
  await closed;
  while ((await openConnections()) > 0) await setImmediate();
  assert.deepEqual(
    finished.splice(0).map(({ code }) => code),
    ['UNAVAILABLE'],
  );
});
