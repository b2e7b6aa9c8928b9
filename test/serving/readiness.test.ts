import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PuppetWorld } from './puppet-world.js';

test('a server without models is not ready, unless that is asked for', async () => {
  assert.equal(new PuppetWorld().service.ready, false);
  const world = new PuppetWorld('some', 4, true);
  assert.equal(world.service.ready, true);
  await world.put('sick', { 1: 'broken' });
  assert.equal(world.service.ready, false, 'there is a model, and it does not serve');
});

test('not ready once everything was unloaded or removed, ready again once something serves', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  assert.equal(world.service.ready, true);
  await world.service.unloadModel('iris');
  assert.equal(world.service.ready, false);
  await world.service.loadModel('iris');
  assert.equal(world.service.ready, true);
  await world.put('iris');
  assert.equal(world.service.ready, false);
});

test('ready when every version has settled and one serves', async () => {
  const world = new PuppetWorld();
  world.engine.automatic = false;
  await world.put('slow', { 1: 'a' });
  await world.put('sick', { 1: 'broken' });
  assert.equal(world.service.ready, false);
  await world.engine.finish('slow/1');
  assert.equal(world.service.ready, true);
});

test('not ready while everything has failed', async () => {
  const world = new PuppetWorld();
  await world.put('sick', { 1: 'broken' });
  assert.equal(world.service.ready, false);
  await world.put('sick', { 1: 'mended' });
  assert.equal(world.service.ready, true);
});

test('with readiness all, a failed version keeps the server out of service', async () => {
  const world = new PuppetWorld('all');
  await world.put('fine', { 1: 'a' });
  await world.put('sick', { 1: 'broken' });
  assert.equal(world.service.ready, false);
  await world.put('sick', { 1: 'mended' });
  assert.equal(world.service.ready, true);
});

test('what loads later does not take the server out of service, draining does', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  assert.equal(world.service.ready, true);
  world.engine.automatic = false;
  await world.put('late', { 1: 'a' });
  assert.equal(world.service.ready, true);
  world.service.startDraining();
  assert.equal(world.service.ready, false);
});
