/**
 * Mutates real model files and prepares each mutant: every one must be served or rejected with a ServingError, soon.
 *
 *   node dist/tools/fuzz-model-files.js [--runs 20000] [--seed 1] [--models DIR]…
 *
 * Prints a summary; the exit code is 1 where anything else happened, and the mutant is kept then.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ServingError } from '../src/core/serving-error.js';
import { prepareModel } from '../src/onnx/prepare-model.js';
import { Random } from '../test/support/random.js';
import { byteMutations } from './fuzz/byte-mutations.js';
import { projectRoot } from './project-root.js';

const inProject = (folder: string): string => join(projectRoot(), folder);

const largestModelBytes = 128 * 1024;
const slowestMs = 5000;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    models: { type: 'string', multiple: true, default: ['test/models', 'models'].map(inProject) },
  },
});

const random = new Random(Number(options.seed));

interface Seed {
  readonly content: Buffer;
  /** `.onnx` or `.ort`. */
  readonly ending: string;
}

async function findModels(directories: readonly string[]): Promise<readonly Seed[]> {
  const models: Seed[] = [];
  for (const directory of directories) {
    for (const entry of await readdir(directory, { recursive: true })) {
      const ending = extname(entry);
      if (ending !== '.onnx' && ending !== '.ort') continue;
      const content = await readFile(join(directory, entry));
      if (content.length > 0 && content.length <= largestModelBytes) models.push({ content, ending });
    }
  }
  return models;
}

const models = await findModels(options.models);
const directory = await mkdtemp(join(tmpdir(), 'slipway-fuzz-'));
const cacheDirectory = join(directory, 'cache');
const runs = Number(options.runs);
const outcomes = { served: 0, rejected: 0, wrong: 0 };
let slowest = 0;

for (let run = 0; run < runs; run++) {
  const name = random.pick(Object.keys(byteMutations));
  const seed = random.pick(models);
  const mutant = byteMutations[name]!(seed.content, random.pick(models).content, random);
  const path = join(directory, `model${seed.ending}`);
  await writeFile(path, mutant);
  const startedAt = performance.now();
  let problem: string | undefined;
  try {
    await prepareModel(path, { cacheDirectory });
    outcomes.served++;
  } catch (error) {
    if (error instanceof ServingError && error.code !== 'INTERNAL') outcomes.rejected++;
    else problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const elapsedMs = performance.now() - startedAt;
  slowest = Math.max(slowest, elapsedMs);
  if (elapsedMs > slowestMs) problem ??= `took ${Math.round(elapsedMs)} ms`;
  if (problem !== undefined) {
    outcomes.wrong++;
    const kept = join(tmpdir(), `slipway-fuzz-${options.seed}-${run}${seed.ending}`);
    await writeFile(kept, mutant);
    console.error(`run ${run} (${name}), kept as ${kept}: ${problem}`);
  }
  if (run % 500 === 499) await rm(cacheDirectory, { recursive: true, force: true });
}

await rm(directory, { recursive: true, force: true });
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `${runs} mutants of ${models.length} models: ${outcomes.served} served, ${outcomes.rejected} rejected, ` +
    `${outcomes.wrong} wrong; slowest ${Math.round(slowest)} ms, peak memory ${peakMiB} MiB`,
);
process.exitCode = outcomes.wrong === 0 ? 0 : 1;
