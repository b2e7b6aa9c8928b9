import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { projectRoot } from './project-root.js';

/**
 * Breaks the lines of a room's decisions one at a time and says which breaks no test sees: `npm run mutate -- scheduling`.
 * Without a name, of all rooms. What is broken and what judges it lies in mutation.json; the report, with every break in its
 * place, in coverage/mutation.html.
 */
interface Room {
  readonly mutate: readonly string[];
  /** Files, or folders of test files. */
  readonly tests: readonly string[];
}

const root = projectRoot();
process.chdir(root);
const rooms = JSON.parse(readFileSync(join(root, 'mutation.json'), 'utf8')) as Readonly<Record<string, Room>>;
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = names.find((name) => rooms[name] === undefined);
if (unknown !== undefined) {
  console.error(`there is no room "${unknown}" in mutation.json: expected ${Object.keys(rooms).join(', ')}`);
  process.exit(2);
}
const chosen = names.length === 0 ? Object.values(rooms) : names.map((name) => rooms[name] as Room);

const options: PartialStrykerOptions & { readonly nodeTest: { readonly folders: readonly string[] } } = {
  // What the compiler wrote says the same in nearly the same lines, and needs no building.
  mutate: chosen.flatMap(({ mutate }) => mutate.map(compiled)),
  nodeTest: { folders: [...new Set(chosen.flatMap(({ tests }) => tests))] },
  testRunner: 'node-test',
  plugins: [join(root, 'dist/tools/mutation/node-test-runner.js')],
  coverageAnalysis: 'perTest',
  // Texts of errors are for people; which of them must not change a test says.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignorePatterns: ['/*', '!/dist', '/dist/*', '!/dist/src', '!/dist/test', '!/test', '!/package.json'],
  disableTypeChecks: false,
  tsconfigFile: 'none',
  // `nodeTest` is the test runner's own.
  warnings: { unknownOptions: false, preprocessorErrors: true, unserializableOptions: true, slow: true },
  tempDirName: '.build/mutation',
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  htmlReporter: { fileName: 'coverage/mutation.html' },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  allowConsoleColors: false,
  timeoutMS: 120_000,
  thresholds: { high: 95, low: 85, break: 85 },
};
await new Stryker(options).runMutationTest();

function compiled(file: string): string {
  return `dist/${file.replace(/\.ts$/, '.js')}`;
}
