import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { projectRoot } from './project-root.js';

/**
 * Runs the compiled tests. Arguments choose folders or files of test/ by their beginning: `npm test -- scheduling
 * serving/trial`. With `--coverage`, which takes a fifth longer, what they ran of src/ is in coverage/ afterwards.
 */
const root = projectRoot();
const coverage = process.argv.includes('--coverage');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

const files = readdirSync(`${root}/dist/test`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  // A deleted test leaves its compiled file behind.
  .filter((file) => existsSync(`${root}/test/${file.replace(/js$/, 'ts')}`))
  .filter((file) => chosen.length === 0 || chosen.some((beginning) => file.startsWith(beginning)))
  .sort()
  .map((file) => `dist/test/${file}`);

if (files.length === 0) {
  console.error(`no test begins with ${chosen.join(' or ')}`);
  process.exit(2);
}

const node = [
  process.execPath,
  '--enable-source-maps',
  '--test',
  '--test-timeout=240000',
  '--test-reporter=spec',
  ...files,
];
const c8 = [
  'node_modules/.bin/c8',
  '--reporter=text-summary',
  '--reporter=html',
  '--include=dist/src/**',
  '--exclude-after-remap=false',
];
const [command, ...rest] = coverage ? [...c8, ...node] : node;
const { status } = spawnSync(command as string, rest, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
