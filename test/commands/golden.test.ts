import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readGoldenArguments } from '../../src/commands/golden/golden-arguments.js';
import { golden } from '../golden/golden-models.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { ServerProcess } from '../support/server-process.js';
import { runSlipway } from '../support/slipway-command.js';

const [good, bad, served, work] = [new ModelFolder(), new ModelFolder(), new ModelFolder(), new ModelFolder()];
const all = [good, bad, served, work];
let server: ServerProcess;

before(async () => {
  for (const folder of all) folder.put(chaosModel('times-2'), 'twice/1/model.onnx');
  good.write(golden([[1, 2]], [[2, 4]]), 'twice/golden/a.json');
  bad.put(chaosModel('times-3'), 'twice/2/model.onnx');
  bad.write('{"versionPolicy": "all"}', 'twice/model.json');
  bad.write(golden([[1, 2]], [[2, 4]]), 'twice/golden/a.json');
  bad.write(golden([[1, 2]], [[2, 4]], { tolerance: { absolute: 'a little' } }), 'twice/2/golden/b.json');
  bad.put(chaosModel('times-2'), 'lax/1/model.onnx');
  bad.write('{"rollout": {"golden": {"relative": "1%"}}}', 'lax/model.json');
  work.write('{"instances": [[1, 2], [3, 1.50]]}', 'rows.json');
  work.write('\uFEFF{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}', 'tensors.txt');
  work.write('{"instances": [[1, 2, 3]]}', 'wide.json');
  work.write('{"instances": ', 'broken.json');
  server = await (await ServerProcess.start(['--models', served.path])).ready();
});
after(async () => {
  await server.stop();
  for (const folder of all) folder.remove();
});

test('check passes where every version does, and leaves nothing behind', async () => {
  const { code, stdout, stderr, leftFiles, leftPids } = await runSlipway(['golden', 'check', good.path]);
  assert.deepEqual([code, stdout, stderr], [0, 'twice/1: passes 1 golden request\n', '']);
  assert.deepEqual([leftFiles, leftPids], [[], []]);
});

test('check fails with the misses of each version, and with settings that no server takes', async () => {
  const { code, stdout } = await runSlipway(['golden', 'check', bad.path]);
  assert.equal(code, 1);
  const lines = stdout.split('\n');
  assert.match(lines[0] ?? '', /^lax: .*rollout\.golden\.relative: expected a number/);
  assert.deepEqual(lines.slice(-5), [
    'twice/1: passes 1 golden request',
    'twice/2: does not pass 2 of 2 golden requests',
    '  2/golden/b.json: tolerance.absolute: expected a number of at least 0, got "a little"',
    '  golden/a.json: input "x" FP32[1, 2], output "y", predictions[0][0]: expected 2 within 0.0021, got 3',
    '',
  ]);
});

test('check fails where there is nothing to check', async () => {
  const { code, stdout } = await runSlipway(['golden', 'check', join(served.path, 'twice')]);
  assert.equal(code, 1);
  assert.equal(stdout, 'twice/1: has no golden requests\nthere are no golden requests: nothing was checked\n');
});

test('record writes what a server responds, whatever the protocol, and check passes it', async () => {
  const output = join(work.path, 'twice/golden');
  const record = ['golden', 'record', '--server', server.origin, '--model', 'twice', '--output', output];
  const inputs = ['rows.json', 'tensors.txt'].map((name) => join(work.path, name));
  const { code, stdout, stderr } = await runSlipway([...record, '--input', ...inputs]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(stdout, `${output}/rows.json\n${output}/tensors.json\n`);
  const recorded = readFileSync(join(output, 'rows.json'), 'utf8');
  assert.match(recorded, /"request": \{"instances": \[\[1, 2\], \[3, 1.50\]\]\},/);
  assert.equal((await runSlipway(['golden', 'check', join(work.path, 'twice')])).code, 0);
  const again = await runSlipway([...record, '--input', inputs[0] as string]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /rows\.json is there already; remove it, or name another folder with --output/);
  assert.equal(readFileSync(join(output, 'rows.json'), 'utf8'), recorded);
});

test('what cannot be recorded is told, and nothing is written for it', async () => {
  const output = join(work.path, 'none');
  const inputs = ['wide.json', 'broken.json', 'absent.json'].map((name) => join(work.path, name));
  const args = ['--server', server.origin, '--model', 'twice', '--version', '1', '--output', output];
  const { code, stdout, stderr } = await runSlipway(['golden', 'record', ...args, '--input', ...inputs]);
  assert.deepEqual([code, stdout], [1, '']);
  const [wide, broken, absent] = stderr.split('\n');
  assert.match(wide ?? '', /wide\.json: http:\S+ responds with 400: .*"x"/);
  assert.match(broken ?? '', /broken\.json: it is not valid JSON/);
  assert.match(absent ?? '', /absent\.json: it cannot be read: ENOENT/);
});

test('a folder that is not there is a wrong argument', async () => {
  const { code, stderr } = await runSlipway(['golden', 'check', '/nowhere']);
  assert.deepEqual([code, stderr], [2, 'slipway golden: check: /nowhere cannot be read: ENOENT\n']);
});

const to = (server: string, model = 'm'): readonly string[] => ['record', '--server', server, '--model', model];
const wrong: readonly [argv: readonly string[], reason: RegExp][] = [
  [[], /expected "check" or "record", got nothing/],
  [['check'], /check: expected one folder, got 0/],
  [['check', '.', '--timeout', 'soon'], /--timeout: expected seconds up to 86400, got "soon"/],
  [[...to('localhost'), '--input', 'a'], /--server: expected http:\/\/HOST:PORT, got "localhost"/],
  [[...to('http://localhost', 'm/../n'), '--input', 'a'], /--model: expected the name of a model/],
  [[...to('http://localhost'), '--version', '0', '--input', 'a'], /--version: expected a whole number from 1/],
  [to('http://localhost'), /--input: expected a file/],
];

for (const [argv, reason] of wrong) {
  test(`wrong arguments are told: ${argv.join(' ')}`, () => assert.throws(() => readGoldenArguments(argv), reason));
}
