import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Peers } from '../../src/workers/peers.js';
import { runQuery } from '../../src/workers/run-query.js';
import { SharedService } from '../../src/workers/shared-service.js';
import type { Reply } from '../../src/workers/worker-messages.js';
import { type PuppetModel, PuppetService } from '../protocols/puppet-service.js';

const iris: PuppetModel = { name: 'iris', signature: { inputs: [], outputs: [] }, compute: () => [] };
const digits: PuppetModel = { ...iris, name: 'digits' };

/** Workers whose services are puppets, with the primary's part played by the test. */
function world(...workers: readonly (readonly PuppetModel[])[]) {
  const services = workers.map((models) => new PuppetService(models));
  const peers: Peers = new Peers((message) => {
    if (message.kind !== 'broadcast') return;
    const { id, query } = message;
    const replies = services.map(
      async (service, index): Promise<Reply> => ({
        worker: index + 1,
        ...(await runQuery(query, { service, metrics: async () => '[]' })),
      }),
    );
    void Promise.all(replies).then((all) => peers.settle(id, JSON.parse(JSON.stringify(all)) as Reply[]));
  });
  const local = services[0] as PuppetService;
  return { services, service: new SharedService({ local, peers }) };
}

test('the server is ready when every worker is', async () => {
  const { services, service } = world([iris], [iris]);
  assert.equal(await service.ready, true);
  (services[1] as PuppetService).ready = false;
  assert.equal(await service.ready, false);
});

test('loading and unloading reach every worker', async () => {
  const { services, service } = world([iris], [iris]);
  await service.unloadModel('iris');
  await service.loadModel('iris');
  for (const { controlled } of services) assert.deepEqual(controlled, ['unload iris', 'load iris']);
});

test('loading fails as it failed on any worker', async () => {
  const { service } = world([iris, digits], [iris]);
  await assert.rejects(service.loadModel('digits'), { code: 'NOT_FOUND' });
});

test('statistics are the sum, of one model or of all', async () => {
  const { service } = world([iris, digits], [iris]);
  assert.deepEqual(
    (await service.statistics()).map(({ id, rowCount }) => [id.name, rowCount]),
    [
      ['iris', 10],
      ['digits', 5],
    ],
  );
  assert.equal((await service.statistics({ name: 'iris' }))[0]?.success.count, 4);
});

test('a model that only some workers know is not available yet', async () => {
  const { service } = world([iris], [iris, digits]);
  assert.equal((await service.status({ name: 'digits' })).versions[0]?.state, 'START');
  assert.deepEqual(
    (await service.models()).map(({ name, versions }) => [name, versions[0]?.state]),
    [
      ['digits', 'START'],
      ['iris', 'AVAILABLE'],
    ],
  );
});

test('a model that no worker knows is not found, with the hint', async () => {
  const { service } = world([iris], [iris]);
  await assert.rejects(service.status({ name: 'irsi' }), { code: 'NOT_FOUND', message: /did you mean "iris"/ });
});

test('what was not foreseen crosses as INTERNAL', async () => {
  const { services, service } = world([iris]);
  const [own] = services as [PuppetService];
  own.models = () => {
    throw new TypeError('boom');
  };
  await assert.rejects(service.models(), { code: 'INTERNAL', message: 'unexpected failure: boom' });
});

test('inference stays in the worker that was asked', () => {
  const { services, service } = world([iris], [iris]);
  using _lease = service.acquire({ name: 'iris' });
  assert.deepEqual(
    services.map(({ leases }) => leases),
    [1, 0],
  );
});
