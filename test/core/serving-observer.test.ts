import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fanOut, type ServingEmitter, type ServingObserver } from '../../src/core/serving-observer.js';
import { metricsWith } from '../support/metrics-with.js';

type Told = [observer: string, event: string, fact: unknown];

const names = Object.keys(fanOut([])) as (keyof ServingEmitter)[];

/** An observer of every event there is. */
const listener = (name: string, told: Told[]): ServingObserver =>
  Object.fromEntries(names.map((event) => [event, (fact: unknown) => void told.push([name, event, fact])]));

/** What a composed observer tells, event by event. */
function tellAll(emitter: ServingEmitter): object[] {
  const facts = names.map((event) => ({ event }));
  for (const [index, event] of names.entries()) (emitter[event] as (fact: object) => void)(facts[index] as object);
  return facts;
}

test('every event reaches every observer, in order, with its facts', () => {
  const told: Told[] = [];
  const facts = tellAll(fanOut([listener('first', told), {}, listener('second', told)]));
  const expected = names.flatMap((event, index) => [
    ['first', event, facts[index]],
    ['second', event, facts[index]],
  ]);
  assert.ok(names.length >= 9);
  assert.deepEqual(told, expected);
});

test('an observer that is added later hears what comes then', () => {
  const told: Told[] = [];
  const observers: ServingObserver[] = [];
  const emitter = fanOut(observers);
  emitter.engineStarted({ id: { name: 'm', version: 1 }, pid: 1 });
  observers.push(listener('late', told));
  emitter.engineStarted({ id: { name: 'm', version: 1 }, pid: 2 });
  assert.deepEqual(told, [['late', 'engineStarted', { id: { name: 'm', version: 1 }, pid: 2 }]]);
});

test('added metrics hear every event that the metrics are told', () => {
  const told: Told[] = [];
  const { observer } = metricsWith({ sets: [() => listener('added', told)] });
  const id = { name: 'm', version: 1 };
  observer.requestFinished({ protocol: 'v1', code: 'OK', durationMs: 1 });
  observer.inputsPrepared({ id, prepareMs: 1, usage: undefined, trace: undefined });
  observer.callDenied({ scope: 'infer', code: 'UNAUTHENTICATED', requestId: 'r', reason: 'no key' });
  observer.batchFinished({
    id,
    rows: 1,
    requests: 1,
    reason: 'idle',
    queueMs: [0],
    batchMs: 1,
    computeMs: 1,
    outcome: 'ok',
  });
  observer.batchingStopped({ id, reason: '' });
  observer.requestCanceled({ id, where: 'queue' });
  observer.versionStateChanged({ id, state: 'AVAILABLE' });
  observer.goldenFailed({ id, reason: '' });
  observer.modelProblemChanged({ name: 'm' });
  observer.versionLoaded({ id, durationMs: 1 });
  observer.engineStarted({ id, pid: 1 });
  observer.engineExited({ id, pid: 1, expected: true, cause: '' });
  observer.preparationStarted({ id, pid: 1 });
  observer.preparationExited({ id, pid: 1, expected: true, cause: '' });
  assert.deepEqual(
    told.map(([, event]) => event),
    names,
  );
});
