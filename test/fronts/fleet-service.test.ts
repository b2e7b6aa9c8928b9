import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerQuestion } from '../../src/fronts/answer-question.js';
import { Fleet } from '../../src/fronts/fleet.js';
import { FleetService } from '../../src/fronts/fleet-service.js';
import type { Reply } from '../../src/fronts/front-messages.js';
import { type PuppetModel, PuppetService } from '../protocols/puppet-service.js';

const iris: PuppetModel = { name: 'iris', signature: { inputs: [], outputs: [] }, compute: () => [] };
const digits: PuppetModel = { ...iris, name: 'digits' };

/** Fronts whose services are puppets, with the primary's part played by the test. */
function world(...fronts: readonly (readonly PuppetModel[])[]) {
  const services = fronts.map((models) => new PuppetService(models));
  const fleet: Fleet = new Fleet((message) => {
    if (message.kind !== 'ask') return;
    const { id, question } = message;
    const replies = services.map(
      async (service, index): Promise<Reply> => ({
        front: index + 1,
        ...(await answerQuestion(question, { service, metrics: async () => '[]' })),
      }),
    );
    void Promise.all(replies).then((all) => fleet.settle(id, JSON.parse(JSON.stringify(all)) as Reply[]));
  });
  const local = services[0] as PuppetService;
  return { services, service: new FleetService({ local, fleet }) };
}

test('the server is ready when every front is', async () => {
  const { services, service } = world([iris], [iris]);
  assert.equal(await service.ready, true);
  (services[1] as PuppetService).ready = false;
  assert.equal(await service.ready, false);
});

test('loading and unloading reach every front', async () => {
  const { services, service } = world([iris], [iris]);
  await service.unloadModel('iris');
  await service.loadModel('iris');
  for (const { controlled } of services) assert.deepEqual(controlled, ['unload iris', 'load iris']);
});

test('loading fails as it failed on any front', async () => {
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

test('a model that only some fronts know is not available yet', async () => {
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

test('a model that no front knows is not found, with the hint', async () => {
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

test('inference stays in the front that was asked', () => {
  const { services, service } = world([iris], [iris]);
  using _lease = service.acquire({ name: 'iris' });
  assert.deepEqual(
    services.map(({ leases }) => leases),
    [1, 0],
  );
});
