import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { ConnectionSignals } from '../../../src/protocols/http/connection-signals.js';

test('all requests of a connection share one signal', () => {
  const signals = new ConnectionSignals();
  const socket = new Socket();
  assert.equal(signals.of(socket), signals.of(socket));
  assert.notEqual(signals.of(socket), signals.of(new Socket()));
});

test('the signal of a connection that is gone already is aborted', () => {
  assert.equal(new ConnectionSignals().of(new Socket().destroy()).aborted, true);
});
