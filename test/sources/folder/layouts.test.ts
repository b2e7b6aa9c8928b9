import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelFolderFixture } from './model-folder-fixture.js';

interface Layout {
  readonly what: string;
  readonly files?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
  readonly problems?: readonly string[];
  readonly notes?: readonly string[];
}

const layouts: readonly Layout[] = [
  { what: 'an empty folder', found: {} },
  {
    what: 'version folders',
    files: ['iris/1/model.onnx', 'iris/2/model.onnx', 'iris/10/model.onnx', 'iris/README.md'],
    found: { iris: '1=iris/1/model.onnx 2=iris/2/model.onnx 10=iris/10/model.onnx' },
  },
  {
    what: 'a model file in the model folder itself is version 1',
    files: ['iris/model.onnx', 'iris/notes.txt'],
    found: { iris: '1=iris/model.onnx' },
  },
  { what: 'a bare file is version 1', files: ['iris.onnx'], found: { iris: '1=iris.onnx' } },
  {
    what: 'a lone model.onnx, as KServe mounts it, is the model named model',
    files: ['model.onnx'],
    found: { model: '1=model.onnx' },
  },
  {
    what: 'models in ORT format',
    files: ['a/1/model.ort', 'b.ort', 'c/1/model.onnx', 'c/1/model.ort'],
    found: { a: '1=a/1/model.ort', b: '1=b.ort', c: '1=c/1/model.onnx' },
  },
  {
    what: 'a model file of any name when it is the only one',
    files: ['a/1/resnet50.onnx', 'a/1/resnet50.onnx.data', 'b/tiny.onnx'],
    found: { a: '1=a/1/resnet50.onnx', b: '1=b/tiny.onnx' },
  },
  {
    what: 'several model files of which none is named model.onnx',
    files: ['a/1/encoder.onnx', 'a/1/decoder.onnx', 'a/2/model.onnx', 'a/2/other.onnx'],
    found: {
      a: '2=a/2/model.onnx [version 1 holds several .onnx files (decoder.onnx, encoder.onnx); expected one of them to be named model.onnx, or "file" in model.json to name it]',
    },
  },
  {
    what: 'version folders with leading zeros, and twice the same version',
    files: ['a/0003/model.onnx', 'a/1/model.onnx', 'a/01/model.onnx'],
    found: { a: '1=a/1/model.onnx 3=a/0003/model.onnx [version folder 01 is left out; 1 is the same version]' },
  },
  {
    what: 'version folders whose number is none',
    files: ['a/0/model.onnx', 'a/99999999999999999999/model.onnx', 'a/2/model.onnx', 'a/backup/model.onnx', 'a/1.0/x'],
    found: {
      a: '2=a/2/model.onnx [version folder 0 is left out; expected a number from 1 to 9007199254740991; version folder 99999999999999999999 is left out; expected a number from 1 to 9007199254740991]',
    },
  },
  {
    what: 'a version folder without a model',
    files: ['a/1/weights.bin', 'a/2/model.onnx'],
    found: { a: '2=a/2/model.onnx [version 1 holds no model file; expected model.onnx]' },
  },
  {
    what: 'a folder without any model',
    files: ['a/saved_model.pb', 'a/v1/model.onnx'],
    found: {
      a: '[the folder holds no model.onnx and no version folder such as 1 with one; saved_model.pb is a TensorFlow graph; convert the model with tf2onnx]',
    },
  },
  {
    what: 'a version folder with a model of another format',
    files: ['a/1/model.pt', 'a/1/notes.txt', 'b/model.safetensors'],
    found: {
      a: '[version 1 holds no model file; expected model.onnx; model.pt is a PyTorch file; export the model with torch.onnx.export]',
      b: '[the folder holds no model.onnx and no version folder such as 1 with one; model.safetensors is a safetensors file, which holds weights but no graph; export the model to ONNX]',
    },
  },
  {
    what: 'as Hugging Face exports it, in the model folder and in version folders',
    files: [
      ...['a/config.json', 'a/tokenizer.json', 'a/model.safetensors', 'a/onnx/model.onnx', 'a/onnx/model.onnx_data'],
      ...['a/onnx/model_fp16.onnx', 'b/2/onnx/model_quantized.onnx', 'c/onnx/a.onnx', 'c/onnx/b.onnx'],
      ...['d/model.onnx', 'd/onnx/model.onnx', 'e/3/onnx/model.onnx', 'e/onnx/model.onnx'],
    ],
    found: {
      a: '1=a/onnx/model.onnx',
      b: '2=b/2/onnx/model_quantized.onnx',
      c: '[version 1 holds several .onnx files (onnx/a.onnx, onnx/b.onnx); expected one of them to be named model.onnx, or "file" in model.json to name it]',
      d: '1=d/model.onnx',
      e: '3=e/3/onnx/model.onnx [onnx is left out; expected it in a version folder]',
    },
  },
  {
    what: "a folder named like the model file, Triton's layout for a model of several files",
    files: [
      'a/1/model.onnx/model.onnx',
      'a/1/model.onnx/weights.bin',
      'b/1/net.onnx/model.onnx',
      'c/model.onnx/model.onnx',
    ],
    found: { a: '1=a/1/model.onnx/model.onnx', b: '1=b/1/net.onnx/model.onnx', c: '1=c/model.onnx/model.onnx' },
  },
  {
    what: 'endings in large letters',
    files: ['a.ONNX', 'b/1/MODEL.ONNX', 'c/Net.Onnx', 'd.ORT'],
    found: { a: '1=a.ONNX', b: '1=b/1/MODEL.ONNX', c: '1=c/Net.Onnx', d: '1=d.ORT' },
  },
  {
    what: 'files of other formats beside the models',
    files: ['a.onnx', 'a.onnx.data', 'a.txt', 'b.pt', 'c.H5', 'd.zip', 'labels.txt', 'LICENSE', 'weights.bin'],
    found: { a: '1=a.onnx' },
    notes: [
      'b.pt is left out; it is a PyTorch file; export the model with torch.onnx.export',
      'c.H5 is left out; it is a Keras file; export the model with model.export("model.onnx", format="onnx")',
      'd.zip is left out; it is an archive; unpack it',
      'labels.txt is left out; it is a text file; what belongs to a model lies in a folder of its own with it',
    ],
  },
  {
    what: 'a model file beside version folders',
    files: ['a/model.onnx', 'a/2/model.onnx'],
    found: { a: '2=a/2/model.onnx [model.onnx is left out; expected it in a version folder]' },
  },
  {
    what: 'what is no model',
    files: [
      'README.md',
      'notes.txt',
      '.git/1/model.onnx',
      '.hidden.onnx',
      'lost+found/x',
      'a.onnx~',
      'b.onnx.tmp',
      'c.onnx.part',
      'config.json',
      'd/1/.model.onnx.Xy12',
      'd/1/model.onnx',
    ],
    found: { d: '1=d/1/model.onnx' },
    notes: [
      'config.json is left out; it is the settings of no model: no model has this name',
      'notes.txt is left out; it is a text file; what belongs to a model lies in a folder of its own with it',
    ],
  },
  {
    what: 'names that cannot stand in URLs',
    files: ['my model/1/model.onnx', 'a:b.onnx', '-x/model.onnx', `${'n'.repeat(129)}.onnx`, 'ok.v1_2-3/1/model.onnx'],
    found: { 'ok.v1_2-3': '1=ok.v1_2-3/1/model.onnx' },
    problems: ['-x', 'my model', 'a:b.onnx', `${'n'.repeat(129)}.onnx`].map(
      (name) =>
        `"${name}" is left out; expected a model name of up to 128 letters, digits, ".", "_" and "-" that begins with a letter or digit`,
    ),
  },
  {
    what: 'a folder and files of one name',
    files: ['a/1/model.onnx', 'a.onnx', 'b.onnx', 'b.ort'],
    found: { a: '1=a/1/model.onnx', b: '1=b.onnx' },
    problems: ['a.onnx is left out; a is the same model', 'b.ort is left out; b.onnx is the same model'],
  },
  {
    what: 'a mounted ConfigMap: files are links through a hidden link to a hidden folder',
    files: ['a/1/..2024_01_01/model.onnx', 'a/1/..2024_01_01/labels.txt'],
    links: {
      'a/1/..data': '..2024_01_01',
      'a/1/model.onnx': '..data/model.onnx',
      'a/1/labels.txt': '..data/labels.txt',
    },
    found: { a: '1=a/1/model.onnx' },
  },
  {
    what: 'links inside of the folder, to folders too',
    files: ['store/1/model.onnx', 'store/2/model.onnx'],
    links: { 'a/1': '../store/1', b: 'store', 'c.onnx': 'store/2/model.onnx' },
    found: {
      a: '1=a/1/model.onnx',
      b: '1=b/1/model.onnx 2=b/2/model.onnx',
      c: '1=c.onnx',
      store: '1=store/1/model.onnx 2=store/2/model.onnx',
    },
  },
  {
    what: 'links out of the folder',
    files: ['d/1/model.onnx', 'd/2/model.onnx'],
    links: {
      a: tmpdir(),
      'b.onnx': '/etc/passwd',
      'c/1/model.onnx': '../../../../../etc/passwd',
      'd/2/weights.bin': '/etc/passwd',
      'd/3': '/etc',
      'd/model.json': '/etc/passwd',
      notes: '/etc/passwd',
    },
    found: {
      a: '[a is a link that leads outside of the models folder (see --allow-links-to)]',
      b: '[b.onnx is a link that leads outside of the models folder (see --allow-links-to)]',
      c: '[version 1 cannot be used: model.onnx is a link that leads outside of the models folder (see --allow-links-to)]',
      d: '1=d/1/model.onnx [version folder 3 is a link that leads outside of the models folder (see --allow-links-to); model.json is a link that leads outside of the models folder (see --allow-links-to); version 2 cannot be used: weights.bin is a link that leads outside of the models folder (see --allow-links-to)]',
    },
  },
  {
    what: 'folders of Hugging Face and Triton that are links',
    files: ['store/onnx/model.onnx', 'store/model.onnx'],
    links: { 'a/onnx': '../store/onnx', 'b/onnx': '/etc', 'c/onnx': 'gone', 'd/1/model.onnx': '../../store/onnx' },
    found: {
      a: '1=a/onnx/model.onnx',
      b: '[version 1 cannot be used: onnx is a link that leads outside of the models folder (see --allow-links-to)]',
      c: '[version 1 cannot be used: onnx is a link that leads nowhere]',
      d: '1=d/1/model.onnx/model.onnx',
      store: '1=store/model.onnx',
    },
  },
  {
    what: 'links that lead nowhere or in circles',
    files: ['a/2/model.onnx', 'a/2/sub/weights.bin'],
    links: {
      'a/1': 'gone',
      b: 'gone',
      'c.onnx': 'c.onnx',
      'a/2/sub/up': '..',
      'a/2/self': '.',
      'notes.txt': 'gone',
      'd/1/model.onnx': 'gone',
    },
    found: {
      a: '2=a/2/model.onnx [version folder 1 is a link that leads nowhere]',
      b: '[b is a link that leads nowhere]',
      c: '[c.onnx is a link that leads nowhere]',
      d: '[version 1 cannot be used: model.onnx is a link that leads nowhere]',
    },
    problems: ['notes.txt is a link that leads nowhere'],
  },
];

for (const { what, files = [], links = {}, found, problems = [], notes = [] } of layouts) {
  test(`layout: ${what}`, async (context) => {
    const fixture = new ModelFolderFixture(context);
    for (const file of files) fixture.write(file);
    for (const [name, target] of Object.entries(links)) fixture.link(name, target);
    assert.deepEqual(await fixture.found(), found);
    assert.deepEqual(fixture.problems, problems);
    assert.deepEqual(fixture.notes, notes);
  });
}

test('with a name given, the folder itself is that model, in any of the layouts of a model folder', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('model.onnx');
  assert.deepEqual(await fixture.found({ modelName: 'iris' }), { iris: '1=model.onnx' });
  fixture.remove('model.onnx');
  fixture.write('net.onnx');
  assert.deepEqual(await fixture.found({ modelName: 'iris' }), { iris: '1=net.onnx' });
  fixture.remove('net.onnx');
  fixture.write('1/model.onnx');
  fixture.write('2/model.onnx');
  assert.deepEqual(await fixture.found({ modelName: 'iris' }), { iris: '1=1/model.onnx 2=2/model.onnx' });
});

test('the models folder may itself be a link to elsewhere', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const link = `${fixture.directory}-link`;
  symlinkSync(fixture.directory, link);
  context.after(() => rmSync(link));
  fixture.write('a/1/model.onnx');
  fixture.link('b', 'a');
  const repository = fixture.repository({ directory: link });
  await fixture.later(repository, 60_000);
  assert.deepEqual([...repository.models.keys()], ['a', 'b']);
  assert.equal(repository.models.get('a')!.versions[0]!.modelPath, join(link, 'a/1/model.onnx'));
});

test('a pipe named like a model is neither opened nor served', async (context) => {
  const fixture = new ModelFolderFixture(context);
  mkdirSync(fixture.path('a/1'), { recursive: true });
  for (const name of ['a/1/model.onnx', 'a/model.json', 'b.onnx']) execFileSync('mkfifo', [fixture.path(name)]);
  assert.deepEqual(await fixture.found(), {
    a: '[model.json is left out; expected a file; version 1 holds no model file; expected model.onnx]',
  });
});

test('a folder that may not be read is listed with its problem', {
  skip: process.getuid?.() === 0 && 'root may read it',
}, async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('b/1/model.onnx');
  fixture.write('b/2/model.onnx');
  chmodSync(fixture.path('a'), 0);
  chmodSync(fixture.path('b/2'), 0);
  assert.deepEqual(await fixture.found(), {
    a: `[the folder cannot be read: user ${process.getuid?.()} may not (EACCES)]`,
    b: `1=b/1/model.onnx [version 2 cannot be read: user ${process.getuid?.()} may not (EACCES)]`,
  });
  chmodSync(fixture.path('a'), 0o755);
  chmodSync(fixture.path('b/2'), 0o755);
});

test('links may lead to the folders that are allowed, and nowhere else', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const cache = new ModelFolderFixture(context);
  cache.write('blobs/0123', 'model');
  cache.write('blobs-of-others/0123', 'model');
  fixture.link('hub/1/model.onnx', cache.path('blobs/0123'));
  fixture.link('other/1/model.onnx', cache.path('blobs-of-others/0123'));
  fixture.link('bare.onnx', cache.path('blobs/0123'));
  const repository = fixture.repository({ allowLinksTo: [cache.path('blobs'), cache.path('nowhere')] });
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), {
    bare: '1=bare.onnx',
    hub: '1=hub/1/model.onnx',
    other:
      '[version 1 cannot be used: model.onnx is a link that leads outside of the models folder (see --allow-links-to)]',
  });
});
