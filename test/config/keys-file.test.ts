import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../src/config/config.js';
import { parseKeysFile } from '../../src/config/keys-file.js';

const digest = 'a'.repeat(64);
const entry = { id: 'team-a', sha256: digest, scopes: ['infer'] };

test('keys are for all models, and without limits, where the file does not say otherwise', () => {
  const more = { id: 'b', sha256: 'b'.repeat(64), scopes: ['read'], models: ['iris*'], rowsPerSecond: 5 };
  assert.deepEqual(parseKeysFile(`\uFEFF${JSON.stringify({ keys: [entry, more] })}`), [
    { ...entry, models: ['*'] },
    more,
  ]);
  assert.deepEqual(parseKeysFile('{"keys": []}'), []);
});

const secret = 'slk_a-key-where-its-hash-belongs';

const wrong: readonly [about: string, text: string, problem: RegExp][] = [
  ['no JSON', '{"keys": [', /not valid JSON: .*line 1/],
  ['nothing', '', /got an empty file/],
  ['something else', '[]', /^the file: expected \{"keys": a list/],
  ['a misspelled member', JSON.stringify({ key: [] }), /key: there is no such key; did you mean "?keys/],
  [
    'a key in the place of its hash',
    JSON.stringify({ keys: [{ ...entry, sha256: secret }] }),
    /keys\[0\]\.sha256: expected the key's SHA-256/,
  ],
  ['a key in the place of its entry', JSON.stringify({ keys: [secret] }), /keys\[0\]: expected an object$/],
  ['a hash in capitals', JSON.stringify({ keys: [{ ...entry, sha256: 'A'.repeat(64) }] }), /keys\[0\]\.sha256/],
  [
    'a scope that is none',
    JSON.stringify({ keys: [{ ...entry, scopes: ['admin'] }] }),
    /keys\[0\]\.scopes\[0\]: expected "infer"/,
  ],
  ['no scope', JSON.stringify({ keys: [{ ...entry, scopes: [] }] }), /keys\[0\]\.scopes/],
  ['no models', JSON.stringify({ keys: [{ ...entry, models: [] }] }), /keys\[0\]\.models/],
  [
    'a rate of nothing',
    JSON.stringify({ keys: [{ ...entry, requestsPerSecond: 0 }] }),
    /requestsPerSecond: expected a number/,
  ],
  [
    'an id that no label may be',
    JSON.stringify({ keys: [{ ...entry, id: 'team a' }] }),
    /keys\[0\]\.id: expected a text such as "team-a"/,
  ],
  [
    'one id twice',
    JSON.stringify({ keys: [entry, { ...entry, sha256: 'b'.repeat(64) }] }),
    /keys\[1\]\.id: the same as that of keys\[0\]/,
  ],
  ['one key twice', JSON.stringify({ keys: [entry, { ...entry, id: 'b' }] }), /keys\[1\]\.sha256: the same/],
];

for (const [about, text, problem] of wrong) {
  test(`${about} is an error that says where, and nothing of what the file says`, () => {
    assert.throws(
      () => parseKeysFile(text),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.problems.join('\n'), problem);
        assert.ok(!error.message.includes(secret));
        return true;
      },
    );
  });
}
