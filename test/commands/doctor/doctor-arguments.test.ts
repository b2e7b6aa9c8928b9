import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDoctorArguments } from '../../../src/commands/doctor/doctor-arguments.js';

test('arguments are read in any order', () => {
  const expected = { path: 'models', isJson: true, isStrict: true, timeoutMs: 1500 };
  assert.deepEqual(parseDoctorArguments(['models', '--json', '--strict', '--timeout', '1.5']), expected);
  assert.deepEqual(parseDoctorArguments(['--timeout=1.5', '--strict', '--json', 'models']), expected);
  assert.deepEqual(parseDoctorArguments(['m.onnx']), {
    path: 'm.onnx',
    isJson: false,
    isStrict: false,
    timeoutMs: 120_000,
  });
});

for (const argv of [
  [],
  ['a', 'b'],
  ['a', '--unknown'],
  ['a', '--timeout', '0'],
  ['a', '--timeout', 'x'],
  ['a', '--json=1'],
]) {
  test(`"${argv.join(' ')}" is refused`, () => assert.ok('problem' in parseDoctorArguments(argv)));
}
