import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseModelConfig } from '../../src/config/model-config-schema.js';
import type { VersionPolicy } from '../../src/core/model-config.js';

test('an empty object is all defaults', () => {
  assert.deepEqual(parseModelConfig('{}'), {
    versionPolicy: { kind: 'latest', count: 1 },
    labels: {},
    batching: 'auto',
  });
});

test('every key arrives', () => {
  const json = {
    $schema: '../../model.schema.json',
    description: 'Which iris it is.',
    versionPolicy: 'all',
    labels: { stable: 1, canary: 2 },
    batching: 'on',
    maxBatchSize: 32,
    maxQueueDelayMs: 0.5,
    preferredBatchSizes: [16, 8, 16],
    allowedBatchSizes: [32, 1, 8],
    maxQueueRows: 100,
    latencyTargetMs: 20,
    instances: 2,
    threads: 1,
    runTimeoutMs: 1000,
    memoryLimitBytes: '1GiB',
    classLabels: { probabilities: ['setosa', 'versicolor', 3] },
  };
  const { $schema: _, ...expected } = json;
  assert.deepEqual(parseModelConfig(`\uFEFF${JSON.stringify(json)}`), {
    ...expected,
    versionPolicy: { kind: 'all' },
    preferredBatchSizes: [8, 16],
    allowedBatchSizes: [1, 8, 32],
    memoryLimitBytes: 2 ** 30,
  });
});

const policies: readonly [json: string, policy: VersionPolicy][] = [
  ['"all"', { kind: 'all' }],
  ['{"latest": 2}', { kind: 'latest', count: 2 }],
  ['{"specific": [3, 1, 3]}', { kind: 'specific', versions: [1, 3] }],
];

for (const [json, policy] of policies) {
  test(`the version policy ${json} is read`, () => {
    assert.deepEqual(parseModelConfig(`{"versionPolicy": ${json}}`).versionPolicy, policy);
  });
}

const policyForms =
  '"all", {"latest": an integer from 1 to 1000000} or {"specific": a non-empty list, each item an integer of at least 1}';

const mistakes: readonly [json: string, message: string][] = [
  ['', 'expected a JSON object, got an empty file'],
  ['{"maxBatchSize": 8', "not valid JSON: Expected ',' or '}' after property value at line 1, column 19"],
  ['{\n  "maxBatchSize": 8,\n}', 'not valid JSON: Expected double-quoted property name at line 3, column 1'],
  ['[]', 'expected an object, got []'],
  ['null', 'expected an object, got null'],
  ['{"maxBatchsize": 8}', 'maxBatchsize: there is no such key; did you mean maxBatchSize?'],
  ['{"max_batch_size": 8}', 'max_batch_size: there is no such key; did you mean maxBatchSize?'],
  ['{"__proto__": {}}', '__proto__: there is no such key'],
  ['{"maxBatchSize": "8"}', 'maxBatchSize: expected an integer from 1 to 1000000, got "8"'],
  ['{"maxBatchSize": 0}', 'maxBatchSize: expected an integer from 1 to 1000000, got 0'],
  ['{"maxBatchSize": 1.5}', 'maxBatchSize: expected an integer from 1 to 1000000, got 1.5'],
  ['{"maxBatchSize": null}', 'maxBatchSize: expected an integer from 1 to 1000000, got null'],
  ['{"batching": true}', 'batching: expected "auto", "on" or "off", got true'],
  ['{"versionPolicy": "latest"}', `versionPolicy: expected ${policyForms}, got "latest"`],
  ['{"versionPolicy": {}}', `versionPolicy: expected ${policyForms}, got {}`],
  ['{"versionPolicy": {"latest": 0}}', 'versionPolicy.latest: expected an integer from 1 to 1000000, got 0'],
  [
    '{"versionPolicy": {"specific": [1, "2"]}}',
    'versionPolicy.specific[1]: expected an integer of at least 1, got "2"',
  ],
  [
    '{"versionPolicy": {"specific": []}}',
    'versionPolicy.specific: expected a non-empty list, each item an integer of at least 1, got []',
  ],
  ['{"labels": ["stable"]}', 'labels: expected an object of names, each with an integer of at least 1, got ["stable"]'],
  ['{"labels": {"stable": "1"}}', 'labels.stable: expected an integer of at least 1, got "1"'],
  [
    '{"labels": {"a/b": 1}}',
    'labels["a/b"]: expected a name that matches ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$, got "a/b"',
  ],
  ['{"classLabels": {"p": [1, null]}}', 'classLabels.p[1]: expected a text or a number, got null'],
  [
    '{"memoryLimitBytes": "lots"}',
    'memoryLimitBytes: expected an integer of at least 1048576 or a text such as "2GiB", got "lots"',
  ],
  ['{"file": "../other/model.onnx"}', "file: expected a name relative to the version's folder and inside of it"],
  ['{"file": "/etc/model.onnx"}', "file: expected a name relative to the version's folder and inside of it"],
  ['{"file": "model.pt"}', 'file: expected a name that ends in .onnx or .ort'],
  ['{"file": "a.onnx", "variant": "fp16"}', 'expected "file" or "variant", got both'],
  [`{"variant": "${'v'.repeat(1025)}"}`, 'variant: expected a name of up to 1024 characters'],
  ['{"outputs": []}', 'outputs: expected a non-empty list, each item a text, got []'],
  ['{"outputs": ["a", "b", "a"]}', 'outputs: expected each name once, got "a" twice'],
  ['{"memoryLimitBytes": "2KiB"}', 'memoryLimitBytes: expected at least 1MiB, got "2KiB"'],
  [
    '{"maxBatchSize": 4, "allowedBatchSizes": [2, 8]}',
    'allowedBatchSizes: expected sizes up to maxBatchSize, 4, got 8',
  ],
  [
    '{"threads": 0, "instance": 2, "latencyTargetMs": -1}',
    'threads: expected an integer from 1 to 1024, got 0; instance: there is no such key; did you mean instances?; latencyTargetMs: expected a number from 0.01 to 2147483647, got -1',
  ],
];

for (const [json, message] of mistakes) {
  test(`rejected with its reason: ${json.replaceAll('\n', ' ') || 'an empty text'}`, () => {
    assert.throws(() => parseModelConfig(json), { message });
  });
}

test('a long wrong value is cut short in the message', () => {
  assert.throws(
    () => parseModelConfig(JSON.stringify({ batching: 'x'.repeat(10_000) })),
    ({ message }: Error) => message.length < 200,
  );
});
