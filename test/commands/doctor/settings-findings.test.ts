import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensorFindings, versionFindings } from '../../../src/commands/doctor/settings-findings.js';
import { defaultModelConfig, type ModelConfig } from '../../../src/core/model-config.js';
import type { FoundModel } from '../../../src/core/model-source.js';
import type { ModelSignature } from '../../../src/core/tensor-spec.js';

const model = (versions: readonly number[], config: Partial<ModelConfig> = {}): FoundModel => ({
  name: 'm',
  config: { ...defaultModelConfig, ...config },
  versions: versions.map((version) => ({ id: { name: 'm', version }, modelPath: '/m', fingerprint: '' })),
});

const told = (found: FoundModel) => versionFindings(found).map(({ level, message }) => `${level}: ${message}`);

test('a model whose latest version serves leaves nothing to say', () => {
  assert.deepEqual(told(model([1])), []);
  assert.deepEqual(told(model([1, 2], { versionPolicy: { kind: 'all' } })), []);
});

test('versions that are not served are a note', () => {
  assert.deepEqual(told(model([1, 2, 3])), ['note: versions 1, 2 would not be served, and were not looked at']);
});

test('versions that settings ask for and that are not there are errors', () => {
  assert.deepEqual(told(model([2], { labels: { stable: 1, new: 2 } })), [
    'error: label "stable" in its settings asks for version 1, which is not there',
  ]);
  assert.deepEqual(told(model([2], { versionPolicy: { kind: 'specific', versions: [2, 3] } })), [
    'error: versionPolicy in its settings asks for version 3, which is not there',
  ]);
});

const signature: ModelSignature = {
  inputs: [],
  outputs: [{ name: 'scores', dataType: 'FP32', shape: ['n', 3] }],
};

test('labels are held against the outputs that they name', () => {
  const labels = (classLabels: ModelConfig['classLabels']) =>
    tensorFindings({ ...defaultModelConfig, ...(classLabels && { classLabels }) }, signature).map(({ level }) => level);
  assert.deepEqual(labels(undefined), []);
  assert.deepEqual(labels({ scores: ['a', 'b', 'c'] }), []);
  assert.deepEqual(labels({ scores: ['a', 'b'] }), ['warning']);
  assert.deepEqual(labels({ score: ['a', 'b', 'c'] }), ['error']);
});

test('outputs that are to be served are held against those that there are', () => {
  assert.deepEqual(tensorFindings({ outputs: ['scores'] }, signature), []);
  const message =
    'outputs in model.json names the output "score", which the model does not have; did you mean "scores"?';
  assert.deepEqual(tensorFindings({ outputs: ['score'] }, signature), [
    { level: 'error', code: 'model-settings', message },
  ]);
});
