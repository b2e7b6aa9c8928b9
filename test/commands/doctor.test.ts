import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../tools/project-root.js';
import { ModelFolder } from '../support/model-folder.js';
import { testModel } from '../support/model-paths.js';
import { type CommandOutcome, processesWith, runSlipway } from '../support/slipway-command.js';

const chaosModel = (name: string): string => join(projectRoot(), 'test', 'models', 'chaos', `${name}.onnx`);
const shipped = join(projectRoot(), 'models');

const doctor = async (...args: readonly string[]): Promise<CommandOutcome> => {
  const outcome = await runSlipway(['doctor', ...args]);
  assert.deepEqual([outcome.leftPids, outcome.leftFiles], [[], []]);
  return outcome;
};

interface Finding {
  readonly level: string;
  readonly code: string;
  readonly message: string;
}

// What a test expects of the document is said by its assertions.
// biome-ignore lint/suspicious/noExplicitAny: the document is whatever the doctor says
const examined = async (...args: readonly string[]): Promise<{ code: number | null; report: any }> => {
  const { code, stdout } = await doctor(...args, '--json');
  return { code, report: JSON.parse(stdout) };
};

const codesOf = (findings: readonly Finding[]): string[] => findings.map(({ level, code }) => `${level} ${code}`);

const folder = new ModelFolder();
after(() => folder.remove());

test('the shipped models are healthy, and every version that is served is looked at', async () => {
  const { code, report } = await examined(shipped, '--strict');
  assert.equal(code, 0);
  assert.equal(report.healthy, true);
  assert.deepEqual(report.counts, { models: 6, errors: 0, warnings: 0, notes: 0 });
  const iris = report.models.find((model: { version: number }) => model.version === 2);
  assert.equal(iris.path, join(shipped, 'iris', '2', 'model.onnx'));
  assert.deepEqual(iris.file.opsets, { 'ai.onnx': 17, 'ai.onnx.ml': 3 });
  assert.deepEqual(iris.serving.inputs, [{ name: 'measurements', datatype: 'FP32', shape: ['batch', 4] }]);
  assert.equal(iris.serving.batching.kind, 'dynamic');
  assert.ok(iris.serving.engine_bytes > 2 ** 24);
  assert.equal(iris.serving.latency[0].rows, 1);
});

test('a model is told of in words', async () => {
  const { code, stdout } = await doctor(testModel('zip_map'));
  assert.equal(code, 0);
  assert.match(stdout, /^zip_map\/1 {2}\/.*zip_map\.onnx\n/);
  assert.match(stdout, /^ {2}inputs {4}x FP32\[n, 2\]$/m);
  assert.match(stdout, /^ {2}requests {2}share runs of up to \d+ rows/m);
  assert.match(stdout, /^ {2}latency {3}\d.* for 1 row/m);
  assert.match(stdout, /^ {2}memory {4}[\d.]+ MiB in one engine process$/m);
  assert.match(stdout, /^ {2}note {6}output "probabilities": the maps that ZipMap makes .* \[rewritten\]$/m);
  assert.match(stdout, /\n\n1 model: no errors, no warnings, 1 note\n$/);
});

test('warnings are allowed, unless they are to count', async () => {
  assert.equal((await doctor(testModel('fixed_batch'))).code, 0);
  const { code, report } = await examined(testModel('fixed_batch'), '--strict');
  assert.deepEqual([code, report.healthy], [1, false]);
});

const refused: readonly (readonly [file: string, finding: string])[] = [
  [testModel('custom_operator'), 'error unknown-operator'],
  [testModel('complex_input'), 'error unsupported-type'],
  [join(projectRoot(), 'test', 'models', 'engine', 'unknown-operator.onnx'), 'error load-refused'],
  [join(projectRoot(), 'test', 'models', 'engine', 'truncated.onnx'), 'error unreadable'],
  [join(projectRoot(), 'test', 'models', 'engine', 'empty.onnx'), 'error unreadable'],
  [chaosModel('crash-at-load'), 'error load-crashed'],
  [join(projectRoot(), 'README.md'), 'error unreadable'],
];

for (const [file, expected] of refused) {
  test(`${expected}: ${file.slice(projectRoot().length + 1)}`, async () => {
    const { code, report } = await examined(file);
    assert.equal(code, 1);
    assert.deepEqual(codesOf(report.models[0].findings), [expected]);
  });
}

const allowed: readonly (readonly [name: string, findings: readonly string[]])[] = [
  ['training_mode', ['warning random', 'warning training-mode', 'note not-batched']],
  ['untyped_output', ['warning output-left-out']],
  ['needs_six_rows', ['warning untried']],
  ['external_data', ['note external-data']],
  ['control_flow.ort', []],
];

for (const [name, expected] of allowed) {
  test(`what is said of ${name}: ${expected.join(', ')}`, async () => {
    const { code, report } = await examined(testModel(name));
    assert.equal(code, 0);
    assert.deepEqual(codesOf(report.models[0].findings), expected);
  });
}

test('a model whose runs never end does not keep the doctor', async () => {
  const { code, report } = await examined(testModel('endless'), '--timeout', '2');
  assert.equal(code, 1);
  assert.deepEqual(codesOf(report.models[0].findings), ['error timeout', 'note loop']);
});

test('an interrupted doctor leaves no engine and no file behind', async () => {
  const outcome = await runSlipway(['doctor', testModel('endless')], (child, temporary) => {
    void (async () => {
      while (child.exitCode === null && !processesWith(temporary).some((pid) => pid !== child.pid)) await delay(20);
      child.kill('SIGINT');
    })();
  });
  assert.equal(outcome.code, 130);
  assert.deepEqual([outcome.leftPids, outcome.leftFiles], [[], []]);
});

test('arguments that make no sense are answered with 2 and the usage', async () => {
  for (const args of [[], ['a', 'b'], ['a', '--frobnicate'], ['a', '--timeout', 'soon']]) {
    const { code, stderr } = await doctor(...args);
    assert.equal(code, 2);
    assert.match(stderr, /Usage: slipway doctor/);
  }
  const { code, stderr } = await doctor(join(folder.path, 'nowhere'));
  assert.equal(code, 2);
  assert.match(stderr, /nowhere cannot be read: ENOENT/);
});

test('a file name that a models folder would leave out is a warning', async () => {
  folder.put(testModel('types'), 'names/my model.onnx');
  const { report } = await examined(join(folder.path, 'names', 'my model.onnx'));
  assert.deepEqual(codesOf(report.models[0].findings), ['warning model-name']);
});

// biome-ignore lint/suspicious/noExplicitAny: as above
let repository: { code: number | null; report: any };
before(async () => {
  folder.put(testModel('types'), 'all/good/1/model.onnx');
  folder.put(testModel('types'), 'all/good/2/model.onnx');
  folder.put(testModel('types'), 'all/bad name.onnx');
  folder.put(testModel('types'), 'all/mistyped.onnx');
  folder.write('{"bathing": "on"}', 'all/mistyped.json');
  folder.put(testModel('types'), 'all/mislabelled.onnx');
  folder.write('{"labels": {"stable": 7}, "classLabels": {"z": ["a"]}}', 'all/mislabelled.json');
  folder.write('not a model', 'all/broken.onnx');
  folder.put(testModel('leftovers'), 'all/forced.onnx');
  folder.write('{"batching": "on"}', 'all/forced.json');
  mkdirSync(join(folder.path, 'all', 'empty'));
  symlinkSync('/usr', join(folder.path, 'all', 'elsewhere'));
  symlinkSync('/nowhere', join(folder.path, 'all', 'gone'));
  repository = await examined(join(folder.path, 'all'));
});

const findingsFor = (name: string): readonly Finding[] =>
  repository.report.models.find((model: { name: string }) => model.name === name).findings;

test('a folder is looked at as the server would', () => {
  const { code, report } = repository;
  assert.equal(code, 1);
  const models = report.models.map(({ name, version }: { name: string; version?: number }) => [name, version]);
  assert.deepEqual(models, [
    ['broken', 1],
    ['elsewhere', undefined],
    ['empty', undefined],
    ['forced', 1],
    ['gone', undefined],
    ['good', 2],
    ['mislabelled', 1],
    ['mistyped', undefined],
  ]);
  assert.deepEqual(codesOf(report.findings), ['error repository']);
});

test('what lies in the folder and is not served is an error with the reason', () => {
  const messages = repository.report.findings.map(({ message }: Finding) => message);
  assert.ok(messages.some((message: string) => message.startsWith('"bad name.onnx" is left out')));
  assert.match(findingsFor('gone')[0]?.message ?? '', /^gone is a link that leads nowhere/);
  assert.match(findingsFor('elsewhere')[0]?.message ?? '', /leads outside of the models folder/);
  assert.match(findingsFor('empty')[0]?.message ?? '', /holds no model\.onnx/);
  assert.match(findingsFor('mistyped')[0]?.message ?? '', /bathing/);
  assert.deepEqual(codesOf(findingsFor('broken')), ['error unreadable']);
});

test('settings are held against the model', () => {
  assert.deepEqual(codesOf(findingsFor('mislabelled')), ['error missing-version', 'error model-settings']);
  assert.ok(codesOf(findingsFor('forced')).includes('warning batching-unproven'));
  assert.deepEqual(codesOf(findingsFor('good')), ['note version-not-served']);
});

test('the folder of one model is looked at as that model', async () => {
  const { report } = await examined(join(folder.path, 'all', 'good'));
  assert.deepEqual(
    report.models.map(({ name, version }: { name: string; version: number }) => [name, version]),
    [['good', 2]],
  );
});

test('a folder without models is an error', async () => {
  const { code, stdout } = await doctor(join(folder.path, 'all', 'empty'));
  assert.equal(code, 1);
  assert.match(stdout, /^empty\n {2}error {5}.* holds no model; expected NAME\.onnx/);
});
