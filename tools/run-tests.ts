import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { projectRoot } from './project-root.js';

/**
 * Runs the compiled tests, a process a file, and says at the end which files took longest. Arguments choose folders or files
 * of test/ by their beginning: `npm test -- scheduling serving/trial`. With `--coverage`, which takes a fifth longer, what
 * they ran of src/ is in coverage/ afterwards.
 */
const root = projectRoot();
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (process.argv.includes('--coverage')) process.exit(withCoverage());

/** Tests that count what a server spends: nothing else runs beside them. */
const alone = ['chaos/chaos', 'chaos/wear', 'performance/'];
/** Tests that start servers, and wait for them much of the time: three at a time, and only among each other. */
const withServers = [
  'cases',
  'chaos',
  'commands',
  'deploy',
  'end-to-end',
  'engine',
  'hostile',
  'models-shipped',
  'page/in-browser',
  'processes',
  'rows',
];

const beginsWith = (beginnings: readonly string[], file: string): boolean =>
  beginnings.some((beginning) => file.startsWith(beginning));

/**
 * So many files that failed get a second try with nothing beside them: a crowded machine may be too slow for what a test waits
 * for. Both tries are shown; a file that fails twice fails the run.
 */
const secondTries = 3;
/** A file that takes longer hangs. */
const patienceMs = 600_000;
const slowestShown = 15;

const all = readdirSync(`${root}/dist/test`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  // A deleted test leaves its compiled file behind.
  .filter((file) => existsSync(`${root}/test/${file.replace(/js$/, 'ts')}`));
const unknown = chosen.find((beginning) => !all.some((file) => file.startsWith(beginning)));
if (unknown !== undefined) {
  console.error(`no test begins with ${unknown}`);
  process.exit(2);
}
const files = all.filter((file) => chosen.length === 0 || beginsWith(chosen, file)).sort();
const wayOf = (file: string): 'alone' | 'with servers' | 'at once' => {
  if (beginsWith(alone, file)) return 'alone';
  return beginsWith(withServers, file) ? 'with servers' : 'at once';
};

interface Outcome {
  readonly file: string;
  readonly seconds: number;
  readonly isGood: boolean;
}

const startedAt = performance.now();
const cores = availableParallelism();
const outcomes: Outcome[] = [];
for (const [way, count] of Object.entries({ 'at once': cores, 'with servers': 3, alone: 1 })) {
  const group = files.filter((file) => wayOf(file) === way);
  outcomes.push(...(await run(group, count)));
}
const failed = outcomes.filter(({ isGood }) => !isGood).map(({ file }) => file);
const again = failed.length <= secondTries ? await run(failed, 1) : [];
const recovered = again.filter(({ isGood }) => isGood).map(({ file }) => file);
report();
process.exitCode = failed.length > recovered.length ? 1 : 0;

async function run(group: readonly string[], atOnce: number): Promise<Outcome[]> {
  const left = [...group];
  const done: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) done.push(await runFile(file));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}

/** Shows what the file's tests printed once they are through. */
async function runFile(file: string): Promise<Outcome> {
  const begunAt = performance.now();
  const flags = ['--enable-source-maps', '--test-reporter=spec', '--test-reporter-destination=stdout'];
  const child = spawn(process.execPath, [...flags, `dist/test/${file}`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => printed.push(bytes));
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  const seconds = (performance.now() - begunAt) / 1000;
  const ending = code === 0 ? '' : `\nFAILED (${signal ?? `exit code ${code}`})`;
  console.log(`▶ ${file}\n${Buffer.concat(printed)}${ending}`);
  return { file, seconds, isGood: code === 0 };
}

function report(): void {
  const slowest = [...outcomes].sort((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
  console.log('slowest files:');
  for (const { file, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${outcomes.length} files in ${seconds} s, ${failed.length - recovered.length} failed`);
  for (const file of failed) {
    console.log(recovered.includes(file) ? `failed once, passed alone: ${file}` : `failed: ${file}`);
  }
}

/** The same once more below c8, which collects what all processes ran. */
function withCoverage(): number {
  rmSync(`${root}/coverage`, { recursive: true, force: true });
  const c8 = ['--reporter=text-summary', '--reporter=html', '--include=dist/src/**', '--exclude-after-remap=false'];
  const argv = [...c8, process.execPath, 'dist/tools/run-tests.js', ...chosen];
  return spawnSync('node_modules/.bin/c8', argv, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
