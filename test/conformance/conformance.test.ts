import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { corpusDirectory } from '../support/model-paths.js';
import { complaintOf, isFailure, outcomeOf } from './case-result.js';
import { readCorpus } from './corpus.js';
import { rejectionReason } from './rejection-reason.js';
import type { Findings } from './report.js';
import { sampleOf } from './sample.js';
import { serveInTurn } from './serve-in-turn.js';

const directory = corpusDirectory();
const skip = directory === undefined ? 'the corpus is not here; `npm run conformance` needs it too' : false;

/** Every framework, every element type, everything the bare engine does; `npm run conformance` runs all cases. */
let findings: Findings;

before(async () => {
  if (directory === undefined) return;
  findings = await serveInTurn(sampleOf(readCorpus(directory)), { modelsPerServer: 64 });
});

test('what the bare engine answers rightly, the server answers rightly in every form', { skip }, () => {
  const failures = findings.results.filter(isFailure).map((result) => `${result.id}: ${complaintOf(result)}`);
  assert.deepEqual(failures, []);
});

test('what the server rejects, it rejects with a reason', { skip }, () => {
  const rejected = findings.results.filter((result) => outcomeOf(result) === 'rejected');
  assert.ok(rejected.length > 0);
  for (const result of rejected) {
    assert.notEqual(
      rejectionReason(complaintOf(result) ?? ''),
      'other reasons',
      `${result.id}: ${complaintOf(result)}`,
    );
  }
});

test('no model takes the server or an engine process down', { skip }, () => {
  assert.deepEqual([findings.lostWorkers, findings.engineDeaths], [0, []]);
});
