import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ChaosReport } from './chaos-report.js';
import { runChaos } from './chaos-run.js';
import { formatReport } from './format-report.js';
import { promises } from './promises.js';

/** `SLIPWAY_CHAOS_SECONDS` and `SLIPWAY_CHAOS_SEED` choose another length and another course of events. */
const seconds = Number(process.env.SLIPWAY_CHAOS_SECONDS ?? 40);
const seed = Number(process.env.SLIPWAY_CHAOS_SEED ?? Date.now() % 2 ** 31);

let report: ChaosReport;
before(async () => {
  report = await runChaos({ seconds, seed });
  console.log(formatReport(report));
});

for (const [promise, problemsIn] of Object.entries(promises)) {
  test(promise, () => assert.deepEqual(problemsIn(report), []));
}
