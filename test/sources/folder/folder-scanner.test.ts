import assert from 'node:assert/strict';
import fs, { appendFileSync, linkSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { FolderScanner, type FolderScannerOptions } from '../../../src/sources/folder/folder-scanner.js';
import type { FolderScan } from '../../../src/sources/folder/top-folder.js';
import { ModelFolderFixture } from './model-folder-fixture.js';

type SomeModel = FolderScan['models'][number];

/** Reads a folder of `a/1/model.onnx` and `b/1/model.onnx`; whatever is older than a step of the clock is trusted. */
function aReader(context: TestContext, options: Partial<FolderScannerOptions> = {}) {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('b/1/model.onnx');
  const reader = new FolderScanner({
    directory: fixture.directory,
    watches: true,
    trustedAgeMs: 0,
    pathsPerScan: 1,
    ...options,
  });
  context.after(() => reader.close());
  const scan = async (isThorough = false) => byName((await reader.scan(isThorough)).models);
  /** What is remembered, once everything is. */
  const remembered = async () => {
    for (let before = await scan(); ; ) {
      const now = await scan();
      if ([...now].every(([name, model]) => before.get(name) === model)) return now;
      before = now;
    }
  };
  /** Scans until what is read is no longer the same; the test's limit of time is the limit. */
  const untilChanged = async (name: string, before: SomeModel | undefined) => {
    for (;;) {
      const now = (await scan()).get(name);
      if (now !== before) return now;
      await yieldToEventLoop();
    }
  };
  return { fixture, reader, scan, remembered, untilChanged };
}

/** Counts the calls of a function of `node:fs` from now on; `instead` takes its place. */
function counted(context: TestContext, name: 'lstatSync' | 'statSync' | 'watch', instead?: () => never): () => number {
  const calls = instead === undefined ? context.mock.method(fs, name) : context.mock.method(fs, name, instead);
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.reset();
    syncBuiltinESMExports();
  });
  return () => calls.mock.callCount();
}

const byName = (models: readonly SomeModel[]) => new Map(models.map((model) => [model.name, model]));

const fingerprintOf = (model: SomeModel | undefined, version = 1): string => {
  const scanned = model !== undefined && 'versions' in model ? model.versions.get(version) : undefined;
  return scanned !== undefined && 'fingerprint' in scanned ? scanned.fingerprint : '';
};

test('what did not change is not read again', async (context) => {
  const { scan, remembered } = aReader(context);
  const first = await remembered();
  for (let scans = 0; scans < 5; scans++) {
    const again = await scan();
    assert.equal(again.get('a'), first.get('a'));
    assert.equal(again.get('b'), first.get('b'));
  }
  assert.equal((await scan(true)).get('a'), first.get('a'));
});

test('what has just changed is read again at each scan, since a second change might not show', async (context) => {
  const { scan } = aReader(context, { trustedAgeMs: 3_600_000 });
  assert.notEqual((await scan()).get('a'), (await scan()).get('a'));
});

test('a scan at rest asks for the state of the folder and of a few paths, however many models lie there', async (context) => {
  const { fixture, reader, remembered } = aReader(context, { pathsPerScan: 5 });
  for (let model = 0; model < 60; model++) fixture.write(`model-${model}/1/model.onnx`);
  await remembered();
  const first = await reader.scan(false);
  const stats = counted(context, 'statSync');
  const links = counted(context, 'lstatSync');
  for (let scans = 1; scans <= 20; scans++) {
    assert.equal(await reader.scan(false), first);
    // One for the folder; the last model whose turn it is may have three.
    assert.ok(stats() + links() <= 8 * scans, `${stats()} + ${links()} after ${scans} scans`);
  }
  fixture.write('late.onnx');
  assert.notEqual(await reader.scan(true), first);
});

test('everything has its turn within sixty scans', async (context) => {
  const { fixture, reader, remembered } = aReader(context, { pathsPerScan: undefined });
  for (let model = 0; model < 600; model++) fixture.write(`model-${model}/1/model.onnx`);
  await remembered();
  const compared = context.mock.method(fs, 'lstatSync');
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.reset();
    syncBuiltinESMExports();
  });
  for (let scans = 0; scans < 60; scans++) await reader.scan(false);
  const files = new Set(compared.mock.calls.map(({ arguments: [path] }) => String(path)));
  assert.equal(files.size, 602);
});

test('where the system has no room for another watch it is not asked at each scan, and changes are seen all the same', async (context) => {
  const { fixture, scan, remembered } = aReader(context);
  const asked = counted(context, 'watch', () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  });
  const before = await remembered();
  for (let scans = 0; scans < 5; scans++) await scan();
  // The folder itself and two models.
  assert.equal(asked(), 3);
  appendFileSync(fixture.path('a/1/model.onnx'), 'more');
  assert.notEqual((await scan()).get('a'), before.get('a'));
});

const changes: Readonly<Record<string, (fixture: ModelFolderFixture) => void>> = {
  'written over in place': (fixture) => writeFileSync(fixture.path('a/1/model.onnx'), 'x'.repeat(14)),
  'appended to': (fixture) => appendFileSync(fixture.path('a/1/model.onnx'), 'more'),
  'joined by another version': (fixture) => fixture.write('a/2/model.onnx'),
  'joined by weights in a subfolder': (fixture) => fixture.write('a/1/weights/0.bin'),
  'given settings': (fixture) => fixture.write('a/model.json', '{}'),
  replaced: (fixture) => {
    fixture.write('other/1/model.onnx', 'another');
    renameSync(fixture.path('a'), fixture.path('.old'));
    renameSync(fixture.path('other'), fixture.path('a'));
  },
};

for (const [what, change] of Object.entries(changes)) {
  test(`a watched model that is ${what} is read again, and no other one`, async (context) => {
    // Nothing has its turn to be compared.
    const { fixture, scan, remembered, untilChanged } = aReader(context, { pathsPerScan: 0 });
    const before = await remembered();
    // From here on all are watched.
    await scan();
    change(fixture);
    await untilChanged('a', before.get('a'));
    if (what !== 'replaced') assert.equal((await scan()).get('b'), before.get('b'));
  });

  test(`a model that is ${what} is seen by a thorough scan at once, and where nothing is watched by any`, async (context) => {
    const { fixture, scan, remembered } = aReader(context);
    const unwatched = aReader(context, { watches: false, directory: fixture.directory });
    const before = await remembered();
    const beforeUnwatched = await unwatched.remembered();
    change(fixture);
    assert.notEqual((await scan(true)).get('a'), before.get('a'));
    assert.notEqual((await unwatched.scan()).get('a'), beforeUnwatched.get('a'));
  });
}

test('a file that is written under another name of its own is seen at the next scan', async (context) => {
  const { fixture, scan, remembered } = aReader(context, { pathsPerScan: 0 });
  const elsewhere = `${fixture.directory}-elsewhere`;
  linkSync(fixture.path('a/1/model.onnx'), elsewhere);
  context.after(() => rmSync(elsewhere));
  const before = await remembered();
  appendFileSync(elsewhere, 'more');
  assert.notEqual(fingerprintOf((await scan()).get('a')), fingerprintOf(before.get('a')));
});

test('the target of a link that is written over is seen, wherever in the folder it lies', async (context) => {
  const { fixture, remembered, untilChanged } = aReader(context);
  fixture.write('.blobs/0123', 'blob');
  unlinkSync(fixture.path('a/1/model.onnx'));
  symlinkSync('../../.blobs/0123', fixture.path('a/1/model.onnx'));
  const before = await remembered();
  appendFileSync(fixture.path('.blobs/0123'), 'more');
  const after = await untilChanged('a', before.get('a'));
  assert.notEqual(fingerprintOf(after), fingerprintOf(before.get('a')));
});

test('a link in the middle of a way that leads elsewhere now is seen when it is its turn', async (context) => {
  const { fixture, remembered, untilChanged } = aReader(context);
  fixture.write('.releases/old/model.onnx', 'old');
  fixture.write('.releases/new/model.onnx', 'newer');
  fixture.link('.releases/current', 'old');
  unlinkSync(fixture.path('a/1/model.onnx'));
  symlinkSync('../../.releases/current/model.onnx', fixture.path('a/1/model.onnx'));
  const before = await remembered();
  fixture.link('.releases/next', 'new');
  renameSync(fixture.path('.releases/next'), fixture.path('.releases/current'));
  const after = await untilChanged('a', before.get('a'));
  assert.notEqual(fingerprintOf(after), fingerprintOf(before.get('a')));
});

test('a model folder that is a link and leads elsewhere now is read again', async (context) => {
  const { fixture, remembered, untilChanged } = aReader(context);
  fixture.write('.store/v1/1/model.onnx', 'one');
  fixture.write('.store/v2/1/model.onnx', 'the second');
  fixture.link('c', '.store/v1');
  const before = await remembered();
  fixture.link('.c', '.store/v2');
  renameSync(fixture.path('.c'), fixture.path('c'));
  const after = await untilChanged('c', before.get('c'));
  assert.notEqual(fingerprintOf(after), fingerprintOf(before.get('c')));
});

test('models that come and go are seen, and a folder that is put in the place of all', async (context) => {
  const { fixture, scan, remembered, untilChanged } = aReader(context);
  const before = await remembered();
  fixture.write('c.onnx');
  fixture.write('d/1/model.onnx');
  fixture.remove('b');
  await untilChanged('b', before.get('b'));
  assert.deepEqual([...(await scan(true)).keys()].sort(), ['a', 'c', 'd']);
  const aside = `${fixture.directory}-aside`;
  renameSync(fixture.directory, aside);
  context.after(() => rmSync(aside, { recursive: true }));
  await assert.rejects(scan(), { code: 'ENOENT' });
  fixture.write('e/1/model.onnx');
  await untilChanged('a', before.get('a'));
  assert.deepEqual([...(await scan(true)).keys()], ['e']);
});

test('a models folder that is a link and leads elsewhere now is seen at the next scan', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const other = new ModelFolderFixture(context);
  other.write('c/1/model.onnx');
  const directory = `${fixture.directory}-current`;
  symlinkSync(fixture.directory, directory);
  context.after(() => rmSync(directory));
  const linked = aReader(context, { directory, pathsPerScan: 0 });
  await linked.remembered();
  const before = await linked.reader.scan(false);
  assert.equal(await linked.reader.scan(false), before);
  symlinkSync(other.directory, `${directory}-next`);
  renameSync(`${directory}-next`, directory);
  assert.deepEqual([...(await linked.scan()).keys()], ['c']);
});

test('one folder may be one model', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('1/model.onnx');
  const reader = new FolderScanner({
    directory: fixture.directory,
    modelName: 'only',
    watches: true,
    trustedAgeMs: 0,
  });
  context.after(() => reader.close());
  const first = byName((await reader.scan(false)).models);
  assert.equal(byName((await reader.scan(false)).models).get('only'), first.get('only'));
  appendFileSync(fixture.path('1/model.onnx'), 'more');
  assert.notEqual(byName((await reader.scan(true)).models).get('only'), first.get('only'));
});
