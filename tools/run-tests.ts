import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { projectRoot } from './project-root.js';

/**
 * Runs the compiled tests. Arguments choose folders or files of test/ by their beginning: `npm test -- scheduling
 * serving/trial`. With `--coverage`, which takes a fifth longer, what they ran of src/ is in coverage/ afterwards.
 */
const root = projectRoot();
const coverage = process.argv.includes('--coverage');
// What an earlier run saw; the two groups of this one add to each other.
if (coverage) rmSync(`${root}/coverage`, { recursive: true, force: true });
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

/** Rooms whose tests start servers, or count what one spends: a file at a time, so that none waits for another's work. */
const roomsOfProcesses = [
  'chaos',
  'commands',
  'deploy',
  'end-to-end',
  'engine',
  'fronts',
  'models-shipped',
  'performance',
];

const files = readdirSync(`${root}/dist/test`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  // A deleted test leaves its compiled file behind.
  .filter((file) => existsSync(`${root}/test/${file.replace(/js$/, 'ts')}`))
  .filter((file) => chosen.length === 0 || chosen.some((beginning) => file.startsWith(beginning)))
  .sort();
const isOfProcesses = (file: string): boolean => roomsOfProcesses.includes(file.split('/')[0] as string);

if (files.length === 0) {
  console.error(`no test begins with ${chosen.join(' or ')}`);
  process.exit(2);
}
const statuses = [
  run(
    files.filter((file) => !isOfProcesses(file)),
    availableParallelism(),
  ),
  run(files.filter(isOfProcesses), 1),
];
process.exit(Math.max(...statuses));

/** The exit status. */
function run(group: readonly string[], concurrency: number): number {
  if (group.length === 0) return 0;
  const node = [
    process.execPath,
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=240000',
    '--test-reporter=spec',
    ...group.map((file) => `dist/test/${file}`),
  ];
  const c8 = [
    'node_modules/.bin/c8',
    '--reporter=text-summary',
    '--reporter=html',
    '--include=dist/src/**',
    '--exclude-after-remap=false',
    '--no-clean',
  ];
  const [command, ...rest] = coverage ? [...c8, ...node] : node;
  return spawnSync(command as string, rest, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
