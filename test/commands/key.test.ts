import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createKey } from '../../src/commands/key/create-key.js';
import { readKeyArguments } from '../../src/commands/key/key-arguments.js';
import { parseKeysFile } from '../../src/config/keys-file.js';

const folder = mkdtempSync(join(tmpdir(), 'key-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'keys.json');

const create = (...argv: readonly string[]) => createKey(readKeyArguments(['create', ...argv]));

test('a key is made, and what the file has of it is its hash, readable by nobody else', () => {
  const { text } = create('team-a', '--keys', file, '--models', 'iris*,digits', '--requests-per-second', '2.5');
  create('team-b', '--keys', file, '--scopes', 'metrics');
  const written = readFileSync(file, 'utf8');
  const [first, second] = parseKeysFile(written);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const models = ['iris*', 'digits'];
  assert.deepEqual(first, { id: 'team-a', sha256, scopes: ['infer', 'read'], models, requestsPerSecond: 2.5 });
  assert.deepEqual(second?.scopes, ['metrics']);
  assert.ok(!written.includes(text));
  assert.equal(statSync(file).mode & 0o077, 0);
});

test('the rights of a file that is there stay as they are', () => {
  const shared = join(folder, 'shared.json');
  writeFileSync(shared, '{"keys": []}', { mode: 0o640 });
  create('a', '--keys', shared);
  assert.equal(statSync(shared).mode & 0o777, 0o640);
});

const wrong: readonly [about: string, argv: readonly string[], reason: RegExp][] = [
  ['an id that is taken', ['team-a', '--keys', file], /id: the same as that of keys\[0\]/],
  ['a scope that is none', ['c', '--keys', file, '--scopes', 'admin'], /scopes\[0\]/],
  ['a rate that is none', ['c', '--rows-per-second', 'many'], /--rows-per-second: expected a number/],
  ['a flag that is none', ['c', '--admin'], /--admin/],
  ['two ids', ['c', 'd'], /expected "create ID"/],
];

for (const [about, argv, reason] of wrong) {
  test(`${about} is an error, and the file stays as it is`, () => {
    const before = readFileSync(file, 'utf8');
    assert.throws(() => create(...argv), reason);
    assert.equal(readFileSync(file, 'utf8'), before);
  });
}
