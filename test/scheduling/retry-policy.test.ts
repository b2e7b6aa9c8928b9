import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import type { ServingError } from '../../src/core/serving-error.js';
import { ActiveRequest, type Chunk } from '../../src/scheduling/active-request.js';
import { failureAfter, RetryQueue } from '../../src/scheduling/retry-policy.js';
import { requestOf } from './scheduler-harness.js';

function chunkOf(value = 1): Chunk {
  const handler = { completed: () => {}, failed: () => {} };
  const keeper = { settled: () => {}, canceled: () => {} };
  const options = { nowMs: 0, shapeKey: '', axes: undefined, chunkRows: 1, keeper };
  return new ActiveRequest(requestOf([value]), handler, options).chunks[0] as Chunk;
}

const crash = new ProcessFailure('CRASHED', 'SIGSEGV');
const kill = new ProcessFailure('CRASHED', 'SIGKILL');
const stall = new ProcessFailure('STALLED', 'SIGKILL');
const unseen = new ProcessFailure('CRASHED', 'an unknown exit, since the process that had started it was gone');
const endless = new ProcessFailure('RUN_TIMEOUT', 'SIGKILL');
const behind = new ProcessFailure('CRASHED', 'SIGSEGV', false);
const closed = new ProcessFailure('CLOSED', 'closed');

type End = readonly [ProcessFailure, 'alone' | 'in company'];

/** What becomes of a chunk whose runs end in this way, one after another. */
const worlds: [string, readonly End[], string][] = [
  ['a process that dies under a batch tells nothing of one of its requests', [[crash, 'in company']], 'again'],
  ['nor do many', new Array<End>(9).fill([crash, 'in company']), 'again'],
  ['the first process that it ends alone may be chance', [[crash, 'alone']], 'again'],
  [
    'two that it ends alone are not',
    [
      [crash, 'alone'],
      [crash, 'alone'],
    ],
    'INTERNAL',
  ],
  [
    'nor is one after that of a batch that it was in',
    [
      [crash, 'in company'],
      [crash, 'alone'],
    ],
    'INTERNAL',
  ],
  ['what waited behind the run is never suspected', new Array<End>(9).fill([behind, 'alone']), 'again'],
  ['three kills from outside may be chance', new Array<End>(3).fill([kill, 'alone']), 'again'],
  ['four may be its own doing, by the memory that it takes', new Array<End>(4).fill([kill, 'alone']), 'INTERNAL'],
  ['three ends that nobody saw may be kills', new Array<End>(3).fill([unseen, 'alone']), 'again'],
  ['four are its own doing', new Array<End>(4).fill([unseen, 'alone']), 'INTERNAL'],
  ['kills in company do not count', new Array<End>(9).fill([kill, 'in company']), 'again'],
  ['a process that was stopped counts like a kill', new Array<End>(4).fill([stall, 'alone']), 'INTERNAL'],
  [
    'a run that does not end counts like a crash',
    [
      [endless, 'alone'],
      [endless, 'alone'],
    ],
    'INTERNAL',
  ],
  ['an engine that is closed runs nothing again', [[closed, 'in company']], 'UNAVAILABLE'],
];

for (const [name, ends, expected] of worlds) {
  test(`retry policy: ${name}`, () => {
    const chunk = chunkOf();
    let outcome: ServingError | undefined;
    for (const [failure, company] of ends) outcome = failureAfter(chunk, failure, company === 'alone');
    assert.equal(outcome?.code ?? 'again', expected);
  });
}

test('the poison request is told whether its process ended or did not end', () => {
  const messageAfter = (failure: ProcessFailure, times: number): string | undefined => {
    const chunk = chunkOf();
    for (let turn = 1; turn < times; turn++) failureAfter(chunk, failure, true);
    return failureAfter(chunk, failure, true)?.message;
  };
  assert.match(messageAfter(crash, 2) ?? '', /ended the model's engine process each time it was computed \(SIGSEGV\)/);
  assert.match(messageAfter(kill, 4) ?? '', /ended the model's engine process each time/);
  assert.match(messageAfter(endless, 2) ?? '', /did not finish computing this request within its run time limit/);
  assert.match(messageAfter(stall, 4) ?? '', /did not finish computing/);
});

test('only a chunk that ended a process alone is suspect', () => {
  const [one, other, third] = [chunkOf(), chunkOf(), chunkOf()];
  failureAfter(one, crash, false);
  failureAfter(other, crash, true);
  failureAfter(third, kill, true);
  assert.deepEqual([one.isSuspect, other.isSuspect, third.isSuspect], [false, true, false]);
});

/** A chunk that ended a process by itself. */
function suspectOf(value: number): Chunk {
  const chunk = chunkOf(value);
  chunk.isSuspect = true;
  return chunk;
}

test('what is not suspected runs again first, and at once', () => {
  const queue = new RetryQueue();
  const [unsuspected, suspect] = [chunkOf(), suspectOf(2)];
  queue.add(suspect);
  queue.add(unsuspected);
  queue.isSuspectsTurn = true;
  assert.deepEqual([queue.next({ othersWait: true }), queue.next({ othersWait: true })], [unsuspected, suspect]);
  assert.equal(queue.length, 0);
});

test('a suspect has one turn for each batch of others, and any while no others wait', () => {
  const queue = new RetryQueue();
  const [one, other, third] = [suspectOf(1), suspectOf(2), suspectOf(3)];
  for (const suspect of [one, other, third]) queue.add(suspect);
  assert.equal(queue.next({ othersWait: true }), undefined);
  assert.equal(queue.length, 3);
  queue.isSuspectsTurn = true;
  assert.equal(queue.next({ othersWait: true }), one);
  assert.equal(queue.next({ othersWait: true }), undefined);
  assert.deepEqual([queue.next({ othersWait: false }), queue.next({ othersWait: false })], [other, third]);
});

test('what could not be started keeps its place, and its turn', () => {
  const queue = new RetryQueue();
  const [one, other] = [suspectOf(1), suspectOf(2)];
  queue.add(one);
  queue.add(other);
  queue.isSuspectsTurn = true;
  queue.giveBack(queue.next({ othersWait: true }) as Chunk);
  assert.equal(queue.length, 2);
  assert.equal(queue.next({ othersWait: true }), one);
  const unsuspected = [chunkOf(), chunkOf()] as const;
  for (const chunk of unsuspected) queue.add(chunk);
  queue.giveBack(queue.next({ othersWait: true }) as Chunk);
  assert.deepEqual([queue.next({ othersWait: true }), queue.next({ othersWait: true })], [...unsuspected]);
  assert.equal(
    queue.next({ othersWait: true }),
    undefined,
    'to give back one that is not suspected brings no suspect its turn',
  );
});

test('whoever is not waited for any more does not run again', () => {
  const queue = new RetryQueue();
  const [gone, staying] = [chunkOf(1), chunkOf(2)];
  queue.add(gone);
  queue.add(staying);
  gone.owner.fail(new Error('canceled') as ServingError);
  assert.equal(queue.next({ othersWait: true }), staying);
  assert.equal(queue.next({ othersWait: true }), undefined);
});
