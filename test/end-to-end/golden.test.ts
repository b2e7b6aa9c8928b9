import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { aloneIsZero, golden, tensorFile } from '../golden/golden-models.js';
import { MetricsPage } from '../support/metrics-page.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { ServerProcess } from '../support/server-process.js';

const times = (factor: 1 | 2 | 3): string => chaosModel(`times-${factor}`);
const twice = golden([[1, 2]], [[2, 4]]);

const folder = new ModelFolder();
const outside = mkdtempSync(join(tmpdir(), 'slipway-test-outside-'));

/** Models whose golden files cannot be used, by name: the file, and what is said of it. */
const unusable: Readonly<Record<string, readonly [content: string | Uint8Array, reason: RegExp]>> = {
  'no-json': ['{"request": ', /does not pass golden\/a\.json: it is not valid JSON: .* at line 1, column 13/],
  'no-object': ['[]', /golden\/a\.json: expected an object with "request" and "response", got \[\]/],
  'no-request': ['{"response": {}}', /golden\/a\.json: request: expected a JSON object, the body, got nothing/],
  'no-response': [
    '{"request": {"instances": []}}',
    /golden\/a\.json: response: expected a JSON object, the body, got nothing/,
  ],
  'no-body': ['{"request": {}, "response": {}}', /request: expected "instances" or "inputs" in it/],
  'unknown-key': [
    golden([[1, 2]], [[2, 4]], { tolerence: 1 }),
    /"tolerence" is unknown; expected "request", "response"/,
  ],
  'negative-tolerance': [
    golden([[1, 2]], [[2, 4]], { tolerance: { absolute: -1 } }),
    /tolerance\.absolute: expected a number of at least 0, got -1/,
  ],
  'text-tolerance': [
    golden([[1, 2]], [[2, 4]], { tolerance: { relative: '1%' } }),
    /tolerance\.relative: expected a number of at least 0, got "1%"/,
  ],
  'bare-tolerance': [golden([[1, 2]], [[2, 4]], { tolerance: 0.1 }), /tolerance: expected {"absolute": NUMBER/],
  'wrong-input': [golden([[1, 2, 3]], [[2, 4]]), /golden\/a\.json: .*"x"/],
  large: [`{"request": {}, "response": {}${' '.repeat(4 * 2 ** 20)}}`, /a\.json: it is larger than 4194304 bytes/],
};

let server: ServerProcess;
before(async () => {
  folder.put(times(2), 'shared/1/model.onnx');
  folder.write(twice, 'shared/golden/twice.json');
  folder.put(times(2), 'own/1/model.onnx');
  folder.write(twice, 'own/1/golden/twice.json');
  folder.put(times(2), 'plain/model.onnx');
  folder.write(twice, 'plain/golden/twice.json');
  folder.put(times(2), 'zoo/1/model.onnx');
  folder.write(tensorFile('x', [1, 2], [1, 2]), 'zoo/1/test_data_set_0/input_0.pb');
  folder.write(tensorFile('', [1, 2], [2, 4]), 'zoo/1/test_data_set_0/output_0.pb');
  folder.put(times(2), 'off/1/model.onnx');
  folder.write('nonsense', 'off/golden/a.json');
  folder.write('{"rollout": {"golden": "off"}}', 'off/model.json');
  folder.put(times(2), 'tolerant/1/model.onnx');
  folder.write(golden([[1, 2]], [[2, 3]]), 'tolerant/golden/a.json');
  folder.write('{"rollout": {"golden": {"absolute": 1}}}', 'tolerant/model.json');
  folder.write(aloneIsZero(), 'coupled/1/model.onnx');
  folder.write('{"batching": "on"}', 'coupled/model.json');
  for (const row of [1, 2, 5]) folder.write(golden([[row, row]], [[0, 0]]), `coupled/golden/${row}.json`);
  folder.put(times(2), 'linked/1/model.onnx');
  writeFileSync(join(outside, 'twice.json'), twice);
  folder.write(twice, 'linked/golden/here.json');
  symlinkSync(join(outside, 'twice.json'), join(folder.path, 'linked/golden/there.json'));
  for (const [name, [content]] of Object.entries(unusable)) {
    folder.put(times(2), `${name}/1/model.onnx`);
    folder.write(content, `${name}/golden/a.json`);
  }
  server = await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '50', '--readiness', 'some']);
  for (const name of ['shared', 'own', 'plain', 'zoo', 'off', 'tolerant']) await serves(name, 1);
});
after(async () => {
  await server.stop();
  folder.remove();
  rmSync(outside, { recursive: true });
});

interface Status {
  readonly state: string;
  readonly reason: string;
}

async function statusOf(name: string, version: number): Promise<Status | undefined> {
  const { body } = await server.get(`/v1/models/${name}`);
  const found = body.model_version_status?.find((one: { version: string }) => one.version === String(version));
  return found && { state: found.state, reason: found.status.error_message };
}

const serves = (name: string, version: number): Promise<void> =>
  server.until(async () => {
    const status = await statusOf(name, version);
    return status?.state === 'AVAILABLE' && status.reason === '';
  }, `serving ${name}/${version}`);

/** Resolves with the reason. */
async function refuses(name: string, version: number): Promise<string> {
  await server.until(async () => Boolean((await statusOf(name, version))?.reason), `refusing ${name}/${version}`);
  return (await statusOf(name, version))?.reason ?? '';
}

const predict = async (name: string): Promise<unknown> =>
  (await server.post(`/v1/models/${name}/predict`, { instances: [[1, 1]] })).body.predictions;

test('golden requests beside all versions, in one, beside a model file and as test data are passed, and count as none', async () => {
  for (const name of ['shared', 'own', 'plain', 'zoo']) {
    const { body } = await server.get(`/v2/models/${name}/stats`);
    const [stats] = body.model_stats;
    assert.deepEqual([stats.inference_count, stats.execution_count], [0, 0], name);
  }
  const page = new MetricsPage(await server.metrics());
  assert.equal(page.sum('slipway_batches_total'), 0);
  assert.equal(page.sum('slipway_requests_total'), 0);
  assert.equal(page.sum('slipway_golden_failures_total', { model: 'shared' }), 0);
});

test('a worse version does not replace the one that serves; a better one does', async () => {
  folder.put(times(3), 'shared/2/model.onnx');
  assert.equal(
    await refuses('shared', 2),
    'it does not pass golden/twice.json: input "x" FP32[1, 2], output "y", predictions[0][0]: expected 2 within 0.0021, got 3',
  );
  assert.equal((await statusOf('shared', 2))?.state, 'END');
  assert.deepEqual(await predict('shared'), [[2, 2]]);
  const page = new MetricsPage(await server.metrics());
  assert.equal(page.sum('slipway_golden_failures_total', { model: 'shared', version: '2' }), 1);
  assert.ok(server.log.some(({ level, msg }) => level === 'warn' && msg.startsWith('shared/2: it does not pass')));
  folder.put(times(2), 'shared/3/model.onnx');
  await serves('shared', 3);
});

test('a golden request of one version says nothing about another', async () => {
  folder.put(times(3), 'own/2/model.onnx');
  await serves('own', 2);
  assert.deepEqual(await predict('own'), [[3, 3]]);
});

test("ONNX's test data is asked without any configuration", async () => {
  folder.write(tensorFile('x', [1, 2], [1, 2]), 'zoo/2/test_data_set_0/input_0.pb');
  folder.write(tensorFile('y', [1, 2], [2, 4]), 'zoo/2/test_data_set_0/output_0.pb');
  folder.put(times(3), 'zoo/2/model.onnx');
  assert.equal(
    await refuses('zoo', 2),
    'it does not pass 2/test_data_set_0: input "x" FP32[1, 2], output "y" at [0, 0]: expected 2 within 0.0021, got 3',
  );
  assert.deepEqual(await predict('zoo'), [[2, 2]]);
});

test('what is right alone and wrong among others is found', async () => {
  assert.match(
    await refuses('coupled', 1),
    /^it does not pass golden\/1\.json: .* expected 0 within 0\.0001, got -1\.66.*, when asked together with 2 others$/,
  );
});

test('a changed golden file is asked; where it fails what serves goes on', async () => {
  folder.write(golden([[1, 2]], [[2, 5]]), 'plain/golden/twice.json');
  const reason = await refuses('plain', 1);
  assert.match(reason, /predictions\[0\]\[1\]: expected 5 within 0\.0051, got 4/);
  assert.equal((await statusOf('plain', 1))?.state, 'AVAILABLE');
  assert.deepEqual(await predict('plain'), [[2, 2]]);
  folder.write(golden([[1, 3]], [[2, 6]]), 'plain/golden/twice.json');
  await serves('plain', 1);
});

for (const [name, [, reason]] of Object.entries(unusable)) {
  test(`a golden file that cannot be used fails the version with a sentence: ${name}`, async () => {
    assert.match(await refuses(name, 1), reason);
  });
}

test('a golden file is not followed out of the models folder', async () => {
  assert.equal(
    await refuses('linked', 1),
    'it does not pass golden/there.json: it is a link that leads outside of the models folder (see --allow-links-to)',
  );
});
