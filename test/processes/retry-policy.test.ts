import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import { judge, noDeaths, type Verdict } from '../../src/processes/retry-policy.js';

const crash = new ProcessFailure('CRASHED', 'SIGSEGV');
const overdue = new ProcessFailure('RUN_TIMEOUT', 'SIGKILL');
const kill = new ProcessFailure('CRASHED', 'SIGKILL');
const stalled = new ProcessFailure('STALLED', 'SIGKILL');
const behind = new ProcessFailure('CRASHED', 'SIGSEGV', false);
const closed = new ProcessFailure('CLOSED', 'closed', false);

/** One after the other, and what becomes of the request after each. */
const worlds: readonly (readonly [string, readonly ProcessFailure[], readonly Verdict[]])[] = [
  ['a first crash is suspicious, a second is proof', [crash, crash], ['again alone', 'poison']],
  ['time that is over is held against it like a crash', [overdue, crash], ['again alone', 'poison']],
  [
    'three kills from outside are forgiven, the fourth is not',
    [kill, kill, kill, kill],
    ['again', 'again', 'again', 'poison'],
  ],
  ['a process that was kept from working is as one that was killed', [stalled, kill], ['again', 'again']],
  [
    'kills are not held against it with crashes',
    [kill, crash, kill, crash],
    ['again', 'again alone', 'again', 'poison'],
  ],
  ['what waited behind another is never suspected', [behind, behind, behind], ['again', 'again', 'again']],
  ['a pool that was closed does nothing again', [crash, closed], ['again alone', 'over']],
];

for (const [title, failures, verdicts] of worlds) {
  test(title, () => {
    let deaths = noDeaths;
    const said = failures.map((failure) => {
      const judgement = judge(deaths, failure);
      deaths = judgement.deaths;
      return judgement.verdict;
    });
    assert.deepEqual(said, verdicts);
  });
}
