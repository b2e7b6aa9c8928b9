import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureFinding } from '../../../src/commands/doctor/failure-finding.js';
import { type ErrorCode, ServingError } from '../../../src/core/serving-error.js';

const cases: readonly (readonly [ErrorCode, string])[] = [
  ['INVALID_ARGUMENT', 'load-refused'],
  ['INTERNAL', 'load-crashed'],
  ['RESOURCE_EXHAUSTED', 'out-of-memory'],
  ['DEADLINE_EXCEEDED', 'timeout'],
  ['UNAVAILABLE', 'unavailable'],
];

for (const [code, expected] of cases) {
  test(`a load that fails with ${code} is the error ${expected}, in its own words`, () => {
    const { level, code: found, message } = failureFinding(new ServingError(code, 'because'));
    assert.deepEqual([level, found, message], ['error', expected, 'because']);
  });
}

test("the engine's own words come with advice", () => {
  const { remedy } = failureFinding(new ServingError('INVALID_ARGUMENT', 'the engine cannot load m.onnx: Type Error'));
  assert.match(remedy ?? '', /onnx\.checker/);
  assert.equal(failureFinding(new ServingError('INVALID_ARGUMENT', 'explained; export it again')).remedy, undefined);
});
