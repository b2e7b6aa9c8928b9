import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trialFindings } from '../../../src/commands/doctor/trial-findings.js';
import type { Batching } from '../../../src/core/model.js';
import { defaultModelConfig } from '../../../src/core/model-config.js';
import { ProcessFailure } from '../../../src/core/process-failure.js';
import { ServingError } from '../../../src/core/serving-error.js';
import type { TrialFailure } from '../../../src/serving/proof/first-run.js';

const dynamic: Batching = { kind: 'dynamic', maxBatchSize: 1024 };
const alone: Batching = { kind: 'none', reason: 'output "y" has no batch axis' };

function codes(
  batching: Batching,
  { trialFailure = undefined as TrialFailure | undefined, on = false, isFixed = false } = {},
) {
  const config = { ...defaultModelConfig, ...(on && { batching: 'on' as const }) };
  return trialFindings({ batching, trialFailure }, config, { isFixed }).map(({ level, code }) => `${level} ${code}`);
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
  const trialFailure = new ServingError('INVALID_ARGUMENT', 'no such index');
  assert.deepEqual(codes(alone, { trialFailure }), ['warning untried']);
  const [finding] = trialFindings({ batching: alone, trialFailure }, defaultModelConfig);
  assert.match(finding?.message ?? '', /no such index$/);
  assert.deepEqual(codes(alone, { trialFailure: new ProcessFailure('RUN_TIMEOUT', 'SIGKILL') }), [
    'warning run-timeout',
  ]);
  assert.deepEqual(codes(alone, { trialFailure: new ProcessFailure('CRASHED', 'SIGFPE') }), ['warning run-crashed']);
});

const dependent: Batching = { kind: 'none', reason: 'output "y" of a row changes with the rows beside it' };

test('operators that look at several rows are named beside the reason, with what to do', () => {
  const effect = 'takes its scale from all rows of a run';
  const couplings = [{ operator: 'DynamicQuantizeLinear', effect, remedy: 'quantize it statically' }];
  const told = trialFindings({ batching: dependent, trialFailure: undefined }, defaultModelConfig, { couplings });
  assert.deepEqual(told, [
    {
      level: 'note',
      code: 'not-batched',
      message: `requests run one at a time: ${dependent.reason}; DynamicQuantizeLinear ${effect}`,
      remedy: 'quantize it statically',
    },
  ]);
  const off = { ...defaultModelConfig, batching: 'off' as const };
  const reason = 'its settings turn batching off';
  const [wanted] = trialFindings({ batching: { kind: 'none', reason }, trialFailure: undefined }, off, { couplings });
  assert.equal(wanted?.message, `requests run one at a time: ${reason}`);
});

test('a recurrent model that runs alone is told how to put its batch first', () => {
  const [told] = trialFindings({ batching: dependent, trialFailure: undefined }, defaultModelConfig, {
    isRecurrent: true,
  });
  assert.match(told?.remedy ?? '', /batch_first=True/);
});

test('rows along another axis than the first are a note that names tensors and axes', () => {
  const axes = {
    inputs: new Map([
      ['x', 0],
      ['h', 1],
    ]),
    outputs: new Map([['hn', 1]]),
  };
  const [told, ...others] = trialFindings(
    { batching: { ...dynamic, axes }, trialFailure: undefined },
    defaultModelConfig,
  );
  assert.deepEqual([told?.level, told?.code, others], ['note', 'batch-axis', []]);
  assert.match(told?.message ?? '', /along axis 1 of input "h", axis 1 of output "hn":/);
});
