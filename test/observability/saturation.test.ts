import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EventLoopShare,
  replicasWanted,
  saturationByModel,
  serverSaturation,
  type VersionDemand,
} from '../../src/observability/saturation.js';
import { metricsWith, render } from '../support/metrics-with.js';

/** Of a version whose instances take `cores` cores. */
const asked = (name: string, version: number, saturation: number, cores = 1): VersionDemand => ({
  id: { name, version },
  demand: { offeredRowsPerSecond: 100 * saturation, capacityRowsPerSecond: 100 },
  cores,
});
const unmeasured: VersionDemand = {
  id: { name: 'new', version: 1 },
  demand: { offeredRowsPerSecond: 50, capacityRowsPerSecond: undefined },
  cores: 1,
};

test('a model is as full as its fullest version; one that was not measured counts as empty', () => {
  const models = saturationByModel([asked('a', 1, 0.2), asked('a', 2, 0.6), asked('b', 1, 3), unmeasured]);
  assert.deepEqual(
    [...models],
    [
      ['a', 0.6],
      ['b', 3],
      ['new', 0],
    ],
  );
});

const worlds: [string, VersionDemand[], number, number, number][] = [
  ['nothing is asked for', [], 4, 0, 0],
  ['one model on all cores', [asked('a', 1, 0.5, 4)], 4, 0.1, 0.5],
  ['a model on one core of four is full by itself', [asked('a', 1, 1, 1)], 4, 0.1, 1],
  ['models that are half full, on one core each', [asked('a', 1, 0.5), asked('b', 1, 0.5)], 4, 0.1, 0.5],
  ['models that want the same cores', [asked('a', 1, 0.5, 4), asked('b', 1, 0.75, 4)], 4, 0.1, 1.25],
  ['small requests keep the event loop busy', [asked('a', 1, 0.1)], 4, 0.9, 0.9],
  ['a model that was not measured', [unmeasured], 4, 0.2, 0.2],
];

for (const [name, versions, cores, eventLoop, expected] of worlds) {
  test(`how full the server is: ${name}`, () => {
    assert.equal(serverSaturation({ versions, cores, eventLoop }), expected);
  });
}

test('three servers at half, whole and three times their capacity want 3, 5 and 13', () => {
  const wantedOf = (saturation: number) => Math.ceil(3 * replicasWanted(saturation, 0.7));
  assert.deepEqual([0.5, 1, 3].map(wantedOf), [3, 5, 13]);
});

test('the page has both, and follows the target', async () => {
  const demand = () => ({ versions: [asked('iris', 1, 0.7)], cores: 1, eventLoop: 0.1 });
  const samples = await render(metricsWith({ demand, targetSaturation: 0.5 }));
  assert.equal(samples.get('slipway_saturation{model="iris"}'), 0.7);
  assert.equal(samples.get('slipway_replicas_wanted'), 1.4);
});

test('the share of the event loop is between none and all', () => {
  const eventLoop = new EventLoopShare();
  for (let asks = 0; asks < 3; asks++) assert.ok(eventLoop.share >= 0 && eventLoop.share <= 1);
});
