import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';
import { unitsOf } from './markdown-units.js';
import { promises } from './promises.js';

const read = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8');

for (const [document, { sections, keptBy }] of Object.entries(promises)) {
  describe(`what ${document} promises`, () => {
    const units = unitsOf(read(document)).filter(({ section }) => sections.includes(section));

    test('has an entry for each row, item and paragraph of the sections that promise something', () => {
      const keys = Object.keys(keptBy);
      const uncovered = units.filter(({ text }) => keys.filter((key) => text.startsWith(key)).length !== 1);
      assert.deepEqual(
        uncovered.map(({ text }) => text),
        [],
      );
      const stale = keys.filter((key) => !units.some(({ text }) => text.startsWith(key)));
      assert.deepEqual(stale, []);
      assert.deepEqual(
        sections.filter((section) => !units.some((unit) => unit.section === section)),
        [],
      );
    });

    for (const [key, tests] of Object.entries(keptBy)) {
      for (const { file, titles } of tests) {
        test(`"${key}" is kept by ${file}`, () => {
          const source = read(`test/${file}.test.ts`);
          assert.deepEqual(
            titles.filter((title) => !source.includes(title)),
            [],
            'there is no test of this title: name the one that shows the promise, or write it',
          );
        });
      }
    }
  });
}
