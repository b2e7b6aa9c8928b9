import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realPath } from '../../src/onnx/real-path.js';

test('links are followed as the system does, and places beyond another process keep their name', async (context) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-real-path-')));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/b/file'), '');
  const links: Record<string, string> = {
    'a/up': '..',
    'a/b/far': '../../a/b/file',
    absolute: join(folder, 'a'),
    chain: 'absolute/up/a/b/./far',
    loop: 'loop',
    dead: 'nowhere',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
  for (const name of ['a', 'a/b/file', 'a/up', 'a/b/far', 'absolute/b', 'chain', 'a/up/absolute/../a']) {
    assert.equal(await realPath(join(folder, name)), realpathSync(join(folder, name)), name);
    assert.equal(await realPath(`${folder}/${name}`), realpathSync(`${folder}/${name}`), name);
  }
  await assert.rejects(realPath(join(folder, 'loop')), { code: 'ELOOP' });
  await assert.rejects(realPath(join(folder, 'dead')), { code: 'ENOENT' });
  await assert.rejects(realPath(join(folder, 'a/b/file/x')), { code: 'ENOTDIR' });

  const through = `/proc/${process.pid}/root`;
  symlinkSync(through + folder, join(folder, 'car'));
  assert.equal(await realPath(join(folder, 'car/a/up/a/b')), `${through}${folder}/a/b`);
  // An absolute link leads to this process's own root, wherever it is met.
  assert.equal(await realPath(join(folder, 'car/absolute')), join(folder, 'a'));
  assert.equal(await realPath(`${through}/../etc`), realpathSync('/etc'));
  assert.equal(await realPath(through), through);
});
