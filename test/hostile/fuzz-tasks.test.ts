import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { fuzzTasks, type TaskFuzzReport } from './fuzz-tasks.js';
import { httpFuzzInvariants } from './http-fuzz-invariants.js';

/** `npm run fuzz:tasks` sends more. */
let report: TaskFuzzReport;

before(async () => {
  report = await fuzzTasks({ requests: 900, seed: 5 });
});

describe('models of texts and pictures that are sent what nobody should send', () => {
  test('much of it is answered, and compared with the answer alone', () => {
    assert.ok((report.answers[200] ?? 0) > 100, JSON.stringify(report.answers));
    assert.ok((report.answers[400] ?? 0) > 100, JSON.stringify(report.answers));
    assert.ok(report.compared > 30);
  });

  for (const [invariant, problemsIn] of Object.entries(httpFuzzInvariants)) {
    test(invariant, () => {
      assert.equal(problemsIn(report).slice(0, 10).join('\n'), '');
    });
  }
});
