import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configTable, withConfigTable } from '../../src/config/config-reference.js';
import { describeConfig } from '../../src/config/describe-config.js';
import { flagName, variableName } from '../../src/config/setting-names.js';
import { settingKeys } from '../../src/config/settings.js';
import { projectRoot } from '../../tools/project-root.js';

test('docs/configuration.md has the current table of settings; `node dist/tools/write-config-reference.js` writes it', () => {
  const page = readFileSync(join(projectRoot(), 'docs', 'configuration.md'), 'utf8');
  assert.equal(withConfigTable(page), page);
});

for (const [where, text] of Object.entries({ 'the table': configTable(), '--help': describeConfig() })) {
  test(`${where} names every setting, its flag and its variable`, () => {
    for (const key of settingKeys) {
      assert.ok(text.includes(`--${flagName(key)}`), key);
      assert.ok(text.includes(variableName(key)), key);
    }
  });
}

test('the table is well-formed: every row has four cells', () => {
  for (const row of configTable().split('\n')) assert.equal(row.split(/(?<!\\)\|/).length, 6, row);
});

test('help fits a terminal of 100 columns', () => {
  for (const line of describeConfig().split('\n')) assert.ok(line.length <= 110, line);
});

test('the table replaces what stands between the markers and nothing else', () => {
  const begin = '<!-- configuration: written by tools/write-config-reference.ts -->';
  const written = withConfigTable(`before\n${begin}\nold\n<!-- /configuration -->\nafter`);
  assert.ok(written.startsWith(`before\n${begin}\n\n| Flag |`));
  assert.ok(written.endsWith('|\n\n<!-- /configuration -->\nafter'));
  assert.equal(withConfigTable(written), written);
  assert.throws(() => withConfigTable('no markers'), /expected a line "<!-- configuration/);
});

test('flags and variables are spelled from the keys', () => {
  assert.equal(flagName('bodyLimitBytes'), 'body-limit-bytes');
  assert.equal(variableName('bodyLimitBytes'), 'SLIPWAY_BODY_LIMIT_BYTES');
});
