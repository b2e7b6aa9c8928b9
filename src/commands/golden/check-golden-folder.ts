import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { availableCores } from '../../config/available-resources.js';
import { ConfigError } from '../../config/config.js';
import { ServingError } from '../../core/serving-error.js';
import { type GoldenResult, runGolden } from '../../golden/golden-run.js';
import type { Target } from '../doctor/examine-model.js';
import { findTargets, type Targets } from '../doctor/find-targets.js';
import { temporaryFolder } from '../temporary-folder.js';
import { printable } from '../terminal-text.js';
import { withLoadedVersion } from '../with-loaded-version.js';
import type { CheckArguments } from './golden-arguments.js';
import { goldenTools } from './golden-tools.js';

/** How the golden requests of one version came out. */
interface Outcome {
  readonly isPassed: boolean;
  /** Golden requests that were sent. */
  readonly asked: number;
  /** After the version's name. */
  readonly summary: string;
  readonly misses?: readonly string[];
}

/** Resolves with the exit code: 0 where golden requests were sent and every one was passed. */
export async function checkGoldenFolder(args: CheckArguments, signal: AbortSignal): Promise<number> {
  const { findings, models } = await targetsOf(args.folder);
  const problems = findings.filter(({ level }) => level === 'error').map(({ message }) => message);
  for (const problem of problems) tell(problem);
  let isPassed = problems.length === 0;
  let asked = 0;
  const cacheDirectory = await temporaryFolder('slipway-golden-');
  try {
    for (const model of models) {
      for (const { message } of model.findings.filter(({ level }) => level === 'error')) {
        tell(`${model.name}: ${message}`);
        isPassed = false;
      }
      if (!('config' in model)) continue;
      const outcome = await outcomeOf(model, args, { cacheDirectory, signal });
      tell(`${model.name}/${model.version}: ${outcome.summary}`);
      for (const miss of outcome.misses ?? []) tell(`  ${miss}`);
      isPassed &&= outcome.isPassed;
      asked += outcome.asked;
    }
  } finally {
    await rm(cacheDirectory, { recursive: true, force: true });
  }
  if (isPassed && asked === 0) tell('there are no golden requests: nothing was checked');
  return isPassed && asked > 0 ? 0 : 1;
}

const tell = (line: string): void => void process.stdout.write(`${printable(line)}\n`);

async function targetsOf(folder: string): Promise<Targets> {
  try {
    return await findTargets(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ConfigError([`check: ${folder} cannot be read: ${code}`]);
  }
}

interface Surroundings {
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
}

async function outcomeOf(
  { name, version, path, config, goldenFiles }: Target,
  { folder, timeoutMs }: CheckArguments,
  { cacheDirectory, signal }: Surroundings,
): Promise<Outcome> {
  if (goldenFiles === undefined) return { isPassed: true, asked: 0, summary: 'has no golden requests' };
  if (config.rollout?.golden === 'off') return { isPassed: true, asked: 0, summary: 'model.json turns them off' };
  const found = { id: { name, version }, modelPath: path, fingerprint: '', goldenFiles };
  const tools = goldenTools({ mayLeadTo: [resolve(folder)], largestResponseBytes: Number.POSITIVE_INFINITY });
  const results: GoldenResult[] = [];
  try {
    await withLoadedVersion(
      found,
      {
        config,
        cacheDirectory,
        cores: availableCores(),
        timeoutMs,
        signal,
        check: async (loaded) => {
          for await (const result of runGolden(loaded, tools)) results.push(result);
        },
      },
      async () => undefined,
    );
  } catch (error) {
    if (!(error instanceof ServingError) || error.code === 'CANCELED') throw error;
    return { isPassed: false, asked: 0, summary: `cannot be asked: ${error.message}` };
  }
  return summaryOf(results);
}

function summaryOf(results: readonly GoldenResult[]): Outcome {
  const asked = new Set(results.map(({ name }) => name)).size;
  const missed = results.filter(({ miss }) => miss !== undefined);
  const count = new Set(missed.map(({ name }) => name)).size;
  const requests = `${asked} golden ${asked === 1 ? 'request' : 'requests'}`;
  if (count === 0) return { isPassed: true, asked, summary: `passes ${requests}` };
  const misses = missed.map(({ miss = '' }) => miss);
  return { isPassed: false, asked, summary: `does not pass ${count} of ${requests}`, misses };
}
