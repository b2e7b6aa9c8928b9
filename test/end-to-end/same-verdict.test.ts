import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { projectRoot } from '../../tools/project-root.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';
import { runSlipway } from '../support/slipway-command.js';

const testModel = (name: string): Buffer => readFileSync(join(projectRoot(), 'test/models', `${name}.onnx`));

function plain(opset = 17, operator = 'Neg'): Uint8Array {
  const graph = new GraphWriter(1);
  graph.node(operator, [graph.input('x', ElementType.FLOAT, ['batch', 2])], { outputs: ['y'] });
  graph.output('y', ElementType.FLOAT, ['batch', 2]);
  return graph.finish('plain', opset);
}

type Content = string | Uint8Array | { readonly link: string } | 'folder';

interface Kind {
  readonly files: Readonly<Record<string, Content>>;
  /** Whether the model serves in the end, and has nothing that is left out of it. */
  readonly isGood: boolean;
  /** Of the reason, by the server and by the doctor. */
  readonly reason?: RegExp;
}

const good = (files: Kind['files']): Kind => ({ files, isGood: true });
const bad = (reason: RegExp, files: Kind['files']): Kind => ({ files, isGood: false, reason });

/** By the name of the model; its files are named relative to its folder, or `.onnx` and so on for a bare one. */
const kinds: Readonly<Record<string, Kind>> = {
  plain: good({ '/1/model.onnx': plain() }),
  bare: good({ '.onnx': plain() }),
  large: good({ '.ONNX': plain() }),
  flat: good({ '/onnx/model.onnx': plain(), '/config.json': '{}' }),
  triton: good({ '/1/model.onnx/model.onnx': plain(), '/config.pbtxt': 'max_batch_size: 4' }),
  newer: good({ '/1/model.onnx': plain(28) }),
  'with-notes': good({ '/1/model.onnx': plain(), '/config.pbtxt': 'optimization {}' }),
  'not-batched': good({ '/1/model.onnx': testModel('engine/row-sum') }),
  'untried-but-served': good({ '/1/model.onnx': testModel('onnx/needs_six_rows') }),
  'external-data': good({
    '/1/model.onnx': testModel('onnx/external_data'),
    '/1/external_data.bin': readFileSync(join(projectRoot(), 'test/models/onnx/external_data.bin')),
  }),
  'flat-external-data': good({
    '/onnx/model.onnx': testModel('onnx/external_data'),
    '/onnx/external_data.bin': readFileSync(join(projectRoot(), 'test/models/onnx/external_data.bin')),
  }),
  'large-ort': good({ '/1/model.ORT': readFileSync(join(projectRoot(), 'test/models/onnx/control_flow.ort')) }),
  'text-file': bad(/plain text/, { '.onnx': 'this is no model' }),
  empty: bad(/empty/, { '/1/model.onnx': '' }),
  pointer: bad(/Git LFS pointer/, { '/1/model.onnx': 'version https://git-lfs.github.com/spec/v1\nsize 12\n' }),
  truncated: bad(/cut short|damaged/, { '/1/model.onnx': testModel('engine/truncated') }),
  dangling: bad(/leads nowhere/, { '/1/model.onnx': { link: 'gone.onnx' } }),
  'dangling-bare': bad(/leads nowhere/, { '.onnx': { link: 'gone.onnx' } }),
  'link-out': bad(/outside of the models folder/, { '/1/model.onnx': { link: '/etc/hostname' } }),
  'folder-link-out': bad(/outside of the models folder/, { '': { link: '/etc' } }),
  'bad-json': bad(/model.json: not valid JSON/, { '/1/model.onnx': plain(), '/model.json': '{' }),
  'unknown-key': bad(/did you mean instances/, { '/1/model.onnx': plain(), '/model.json': '{"instance": 2}' }),
  'unknown-output': bad(/the output "z", which/, { '/1/model.onnx': plain(), '/model.json': '{"outputs": ["z"]}' }),
  'unknown-labels': bad(/the output "z", which/, {
    '/1/model.onnx': plain(),
    '/model.json': '{"classLabels": {"z": [1]}}',
  }),
  'unknown-file': bad(/holds no net.onnx/, { '/1/model.onnx': plain(), '/model.json': '{"file": "net.onnx"}' }),
  'unknown-variant': bad(/variant "int4"/, { '/1/model.onnx': plain(), '/model.json': '{"variant": "int4"}' }),
  'missing-version': bad(/asks for version 7/, {
    '/1/model.onnx': plain(),
    '/model.json': '{"labels": {"stable": 7}}',
  }),
  'bad-pbtxt': bad(/config.pbtxt: .* line 1, column 16/, {
    '/1/model.onnx': plain(),
    '/config.pbtxt': 'max_batch_size 8',
  }),
  contradicted: bad(/config.pbtxt declares input/, {
    '/1/model.onnx': plain(),
    '/config.pbtxt': 'input { name: "x" dims: [ 3 ] }',
  }),
  'newer-operator': bad(/SwiGLU/, { '/1/model.onnx': plain(28, 'SwiGLU') }),
  'unknown-opset': bad(/operator set 314/, { '/1/model.onnx': plain(314) }),
  'unknown-operator': bad(/NoSuchOperator/, { '/1/model.onnx': plain(17, 'NoSuchOperator') }),
  'missing-data': bad(/external_data.bin" is missing/, { '/1/model.onnx': testModel('onnx/external_data') }),
  'complex-input': bad(/complex/, { '/1/model.onnx': testModel('onnx/complex_input') }),
  several: bad(/several .onnx files/, { '/1/a.onnx': plain(), '/1/b.onnx': plain() }),
  'too-small': bad(/memory|ended while it loaded/, {
    '/1/model.onnx': testModel('engine/mlp'),
    '/model.json': '{"memoryLimitBytes": "1MiB"}',
  }),
  'another-format': bad(/PyTorch file/, { '/1/model.pt': 'PK' }),
  'saved-model': bad(/TensorFlow graph/, { '/saved_model.pb': 'x', '/variables/x': 'x' }),
  nothing: bad(/no model.onnx and no version folder/, { '': 'folder' }),
  'wrong-ending': bad(/ends in .onnx/, { '/1/model.ort': plain() }),
  'half-good': bad(/version 2 holds no model file/, { '/1/model.onnx': plain(), '/2/notes.txt': 'x' }),
  'lone-ensemble': bad(/ensemble/, { '/1/x': 'x', '/config.pbtxt': 'platform: "ensemble"' }),
};

interface Verdict {
  readonly isGood: boolean;
  readonly reasons: string;
}

const folder = new ModelFolder();
let server: ServerProcess;
const bySever = new Map<string, Verdict>();
const byDoctor = new Map<string, Verdict>();
let doctorsCode: number | null;

before(async () => {
  for (const [name, { files }] of Object.entries(kinds)) {
    for (const [ending, content] of Object.entries(files)) {
      const path = join(folder.path, `${name}${ending}`);
      if (content === 'folder') mkdirSync(path);
      else if (typeof content === 'string' || content instanceof Uint8Array) folder.write(content, `${name}${ending}`);
      else {
        mkdirSync(join(path, '..'), { recursive: true });
        symlinkSync(content.link, path);
      }
    }
  }
  server = await ServerProcess.start(['--models', folder.path, '--load-concurrency', '2']);
  await server.ready();
  const { code, stdout } = await runSlipway(['doctor', folder.path, '--json']);
  doctorsCode = code;
  await askServer();
  readReport(JSON.parse(stdout));
});

after(async () => {
  await server?.stop();
  folder.remove();
});

interface IndexEntry {
  readonly name: string;
  readonly state?: string;
  readonly reason?: string;
}

async function askServer(): Promise<void> {
  const { body } = await server.post('/v2/repository/index', {});
  const { body: list } = await server.get('/v1/models');
  for (const { name } of list.models as { name: string }[]) {
    const entries = (body as IndexEntry[]).filter((entry) => entry.name === name);
    const { body: status } = await server.get(`/v1/models/${name}`);
    const reasons = `${entries.map(({ reason }) => reason ?? '').join('; ')} ${JSON.stringify(status)}`;
    const isGood = entries.length > 0 && entries.every(({ state, reason }) => state === 'READY' && !reason);
    bySever.set(name, { isGood, reasons });
  }
}

interface Report {
  readonly models: readonly { name: string; findings: readonly { level: string; message: string }[] }[];
}

function readReport({ models }: Report): void {
  for (const { name, findings } of models) {
    const errors = findings.filter(({ level }) => level === 'error').map(({ message }) => message);
    const before = byDoctor.get(name);
    byDoctor.set(name, {
      isGood: errors.length === 0 && before?.isGood !== false,
      reasons: [before?.reasons ?? '', ...errors].join('; '),
    });
  }
}

for (const [name, { isGood, reason }] of Object.entries(kinds)) {
  test(`${name}: the server and the doctor ${isGood ? 'accept it' : 'say why not'}`, () => {
    const verdicts = { server: bySever.get(name), doctor: byDoctor.get(name) };
    for (const [judge, verdict] of Object.entries(verdicts)) {
      assert.equal(verdict?.isGood, isGood, `${judge}: ${verdict?.reasons}`);
      if (reason !== undefined) assert.match(verdict?.reasons ?? '', reason, judge);
    }
  });
}

test('both list the same models, and the doctor ends with 1', () => {
  assert.deepEqual([...byDoctor.keys()].sort(), [...bySever.keys()].sort());
  assert.equal(doctorsCode, 1);
});
