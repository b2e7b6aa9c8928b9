import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { fuzzHttp, type HttpFuzzReport } from './fuzz-http.js';
import { httpFuzzInvariants } from './http-fuzz-invariants.js';

/** `npm run fuzz:http` sends more, for hours. */
let report: HttpFuzzReport;

before(async () => {
  report = await fuzzHttp({ requests: 4_000, seed: 11 });
});

describe('a server that is sent what nobody should send', () => {
  test('all is sent, and much of it is answered', () => {
    assert.equal(report.connections, 4_000);
    for (const status of [200, 400, 404, 405, 415, 431]) {
      assert.ok((report.answers[status] ?? 0) > 10, `${status}: ${report.answers[status] ?? 0}`);
    }
  });

  for (const [invariant, problemsIn] of Object.entries(httpFuzzInvariants)) {
    test(invariant, () => {
      assert.equal(problemsIn(report).slice(0, 10).join('\n'), '');
    });
  }
});
