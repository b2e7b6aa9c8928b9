import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trialFindings } from '../../../src/commands/doctor/trial-findings.js';
import { EngineFailure } from '../../../src/core/inference-engine.js';
import type { Batching } from '../../../src/core/model.js';
import { defaultModelConfig } from '../../../src/core/model-config.js';
import { ServingError } from '../../../src/core/serving-error.js';
import type { TrialFailure } from '../../../src/serving/trial.js';

const dynamic: Batching = { kind: 'dynamic', maxBatchSize: 1024 };
const alone: Batching = { kind: 'none', reason: 'output "y" has no batch axis' };

function codes(
  batching: Batching,
  { refusal = undefined as TrialFailure | undefined, on = false, isFixed = false } = {},
) {
  const config = { ...defaultModelConfig, ...(on && { batching: 'on' as const }) };
  return trialFindings({ batching, refusal }, config, isFixed).map(({ level, code }) => `${level} ${code}`);
}

test('a model that is batched leaves nothing to say', () => {
  assert.deepEqual(codes(dynamic), []);
  assert.deepEqual(codes(dynamic, { on: true }), []);
});

test('requests that run alone are a note, unless the fixed axis was told of', () => {
  assert.deepEqual(codes(alone), ['note not-batched']);
  assert.deepEqual(codes(alone, { isFixed: true }), []);
});

test('batching that model.json turns on without proof is a warning', () => {
  assert.deepEqual(codes(alone, { on: true }), ['warning batching-unproven']);
});

test('what made-up inputs failed with is told apart', () => {
  const refusal = new ServingError('INVALID_ARGUMENT', 'no such index');
  assert.deepEqual(codes(alone, { refusal }), ['warning untried']);
  const [finding] = trialFindings({ batching: alone, refusal }, defaultModelConfig, false);
  assert.match(finding?.message ?? '', /no such index$/);
  assert.deepEqual(codes(alone, { refusal: new EngineFailure('RUN_TIMEOUT', 'SIGKILL') }), ['warning run-timeout']);
  assert.deepEqual(codes(alone, { refusal: new EngineFailure('CRASHED', 'SIGFPE') }), ['warning run-crashed']);
});
