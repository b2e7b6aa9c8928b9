import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ChaosReport } from './chaos-report.js';
import { runChaos } from './chaos-run.js';
import { formatReport } from './format-report.js';
import { invariants } from './invariants.js';

/** `SLIPWAY_CHAOS_SECONDS` and `SLIPWAY_CHAOS_SEED` choose another length and another course of events. */
const seconds = Number(process.env.SLIPWAY_CHAOS_SECONDS ?? 20);
const seed = Number(process.env.SLIPWAY_CHAOS_SEED ?? Date.now() % 2 ** 31);

let report: ChaosReport;
before(async () => {
  report = await runChaos({ seconds, seed });
  console.log(formatReport(report));
});

for (const [invariant, problemsIn] of Object.entries(invariants)) {
  test(invariant, () => assert.deepEqual(problemsIn(report), []));
}
