import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding, formatModel, formatSummary } from '../../../src/commands/doctor/format-report.js';
import type { DoctorFinding } from '../../../src/commands/doctor/serving-finding.js';
import { textStyleOf } from '../../../src/commands/doctor/text-style.js';

const plain = textStyleOf({ isTTY: false, columns: 0 }, {});
const terminal = (columns: number, env: Record<string, string> = {}) => textStyleOf({ isTTY: true, columns }, env);

const finding: DoctorFinding = {
  level: 'warning',
  code: 'fixed-batch',
  message: 'the first axis of input "x" is fixed to 1: requests cannot share runs',
  remedy: 'export it with a free first axis:',
  example: 'import onnx\n    torch.onnx.export(model, example, "model.onnx", dynamic_axes={"x": {0: "batch"}})',
};

test('a finding goes on lines of any length where nobody watches', () => {
  assert.deepEqual(formatFinding(finding, plain), [
    '  warning   the first axis of input "x" is fixed to 1: requests cannot share runs [fixed-batch]',
    '            → export it with a free first axis:',
    '                import onnx',
    '                    torch.onnx.export(model, example, "model.onnx", dynamic_axes={"x": {0: "batch"}})',
  ]);
});

test('a terminal gets its width, but code is never broken', () => {
  assert.deepEqual(formatFinding(finding, terminal(50, { NO_COLOR: '1' })), [
    '  warning   the first axis of input "x" is fixed',
    '            to 1: requests cannot share runs',
    '            [fixed-batch]',
    '            → export it with a free first axis:',
    '                import onnx',
    '                    torch.onnx.export(model, example, "model.onnx", dynamic_axes={"x": {0: "batch"}})',
  ]);
});

test('a terminal gets colours, unless NO_COLOR or TERM=dumb says otherwise', () => {
  assert.equal(terminal(80).accent('error', 'error'), '\u001b[31merror\u001b[39m');
  assert.equal(terminal(80, { NO_COLOR: '' }).accent('error', 'error'), '\u001b[31merror\u001b[39m');
  assert.equal(terminal(80, { NO_COLOR: '1' }).accent('error', 'error'), 'error');
  assert.equal(terminal(80, { TERM: 'dumb' }).accent('error', 'error'), 'error');
  assert.equal(plain.accent('error', 'error'), 'error');
});

test('what a model file says cannot steer the terminal', () => {
  const hostile = { ...finding, message: 'input "\u001b[2J\n\u202ex"', example: '\u001b[31m' };
  const text = formatFinding(hostile, plain).join('\n');
  assert.match(text, /input "\\x1b\[2J \\u202ex"/);
  assert.ok(!text.includes('\u001b') && !text.includes('\u202e'));
  assert.match(formatModel({ name: 'a\u0007b', findings: [] }, plain), /^a\\x07b\n/);
});

test('the summary counts', () => {
  const models = [{ name: 'a', findings: [finding] }];
  assert.equal(formatSummary({ findings: [], models }, plain), '1 model: no errors, 1 warning, no notes\n');
  const error: DoctorFinding = { level: 'error', code: 'no-models', message: 'none' };
  assert.equal(
    formatSummary({ findings: [error, error], models: [] }, plain),
    'no models: 2 errors, no warnings, no notes\n',
  );
});
