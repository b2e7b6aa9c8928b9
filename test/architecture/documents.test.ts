import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { variableName } from '../../src/config/setting-names.js';
import { settingKeys } from '../../src/config/settings.js';
import { projectRoot } from '../../tools/project-root.js';

const root = projectRoot();
const folders = ['.', 'bench', 'docs', 'docs/decisions', 'docs/frameworks', 'models'];
const documents = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => normalize(join(folder, file))),
);

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (path: string): ReadonlySet<string> =>
  new Set(Array.from(readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm), ([, heading]) => anchorOf(heading!)));

for (const document of documents) {
  test(`${document} leads to files and headings that exist`, () => {
    const text = readFileSync(join(root, document), 'utf8').replace(/^```.*?^```$/gms, '');
    const links = Array.from(text.matchAll(/\]\(((?!https?:|\/)[^)\s]*)\)/g), ([, link]) => link!);
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const path = file === '' ? join(root, document) : join(root, dirname(document), file);
      return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).has(anchor));
    });
    assert.deepEqual(broken, []);
  });
}

const wordsOf = (document: string, pattern: RegExp): readonly string[] =>
  Array.from(readFileSync(join(root, document), 'utf8').matchAll(pattern), ([, word]) => word!);

test('documents name only settings that exist', () => {
  const known = new Set([...settingKeys.map(variableName), 'SLIPWAY_CONFIG']);
  for (const document of documents) {
    const unknown = wordsOf(document, /`(SLIPWAY_[A-Z_]+)(?:=[^`]*)?`/g).filter((name) => !known.has(name));
    assert.deepEqual(unknown, [], document);
  }
});

test('documents name only metrics that exist', () => {
  const known = new Set(wordsOf('docs/metrics.md', /^\| `(slipway_\w+)` \|/gm));
  for (const document of documents) {
    const unknown = wordsOf(document, /`(slipway_[a-z_]+)(?:\{[^`]*)?`/g).filter((name) => !known.has(name));
    assert.deepEqual(unknown, [], document);
  }
});
