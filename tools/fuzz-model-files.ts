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

/** A small generator of numbers below a limit (mulberry32), so that a run can be repeated. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const random = randomNumbers(Number(options.seed));
const randomBytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));

type Mutation = (model: Buffer, other: Buffer) => Buffer;

const mutations: Readonly<Record<string, Mutation>> = {
  flipBits: (model) => {
    const mutant = Buffer.from(model);
    for (let count = 1 + random(8); count > 0; count--) mutant[random(mutant.length)]! ^= 1 << random(8);
    return mutant;
  },
  setBytes: (model) => {
    const mutant = Buffer.from(model);
    const extremes = [0x00, 0x01, 0x7f, 0x80, 0xff];
    for (let count = 1 + random(4); count > 0; count--)
      mutant[random(mutant.length)] = extremes[random(extremes.length)]!;
    return mutant;
  },
  truncate: (model) => model.subarray(0, random(model.length)),
  remove: (model) => {
    const from = random(model.length);
    return Buffer.concat([model.subarray(0, from), model.subarray(from + 1 + random(64))]);
  },
  insert: (model) => {
    const at = random(model.length);
    return Buffer.concat([model.subarray(0, at), randomBytes(1 + random(32)), model.subarray(at)]);
  },
  hugeLength: (model) => {
    const at = random(model.length);
    const length = Buffer.from([0xff, 0xff, 0xff, 0xff, random(256) | 0x80, random(128)]);
    return Buffer.concat([model.subarray(0, at), length, model.subarray(at + random(3))]);
  },
  repeat: (model) => {
    const from = random(model.length);
    const piece = model.subarray(from, from + 1 + random(256));
    const times = 1 + random(200);
    return Buffer.concat([model.subarray(0, from), ...new Array<Buffer>(times).fill(piece), model.subarray(from)]);
  },
  splice: (model, other) =>
    Buffer.concat([model.subarray(0, random(model.length)), other.subarray(random(other.length))]),
  join: (model, other) => Buffer.concat([model, other]),
};

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

const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

const models = await findModels(options.models);
const directory = await mkdtemp(join(tmpdir(), 'slipway-fuzz-'));
const cacheDirectory = join(directory, 'cache');
const runs = Number(options.runs);
const outcomes = { served: 0, rejected: 0, wrong: 0 };
let slowest = 0;

for (let run = 0; run < runs; run++) {
  const name = pick(Object.keys(mutations));
  const seed = pick(models);
  const mutant = mutations[name]!(seed.content, pick(models).content);
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
