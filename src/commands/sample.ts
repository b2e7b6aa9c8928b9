import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { availableCores } from '../config/available-resources.js';
import { ServingError } from '../core/serving-error.js';
import { samplePredictBody } from '../protocols/operations/sample-request.js';
import { findTargets } from './doctor/find-targets.js';
import { temporaryFolder } from './temporary-folder.js';
import { printable } from './terminal-text.js';
import { tryServing } from './try-serving.js';
import { untilStopped } from './until-stopped.js';

export const sampleHelp = (): string => `Usage: slipway sample MODEL|FILE.onnx [--models DIR]

Prints a body of a predict request that the model takes, made up, however large:

  slipway sample MODEL | curl -s localhost:8080/v1/models/MODEL/predict -d @-

MODEL is a name in the models folder (default: ./models, or SLIPWAY_MODELS). The model is loaded in an engine process of
its own for that.`;

interface Arguments {
  readonly model: string;
  readonly models: string;
}

/** Resolves with the exit code. */
export async function sample(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv);
  if (given === undefined) {
    process.stderr.write(`${sampleHelp()}\n`);
    return 2;
  }
  return untilStopped((signal) => printSample(given, signal));
}

function readArguments(argv: readonly string[]): Arguments | undefined {
  const [model, flag, folder, ...rest] = argv;
  const usual = process.env.SLIPWAY_MODELS ?? './models';
  if (model === undefined || model.startsWith('-') || rest.length > 0) return undefined;
  if (flag === undefined) return { model, models: usual };
  if (flag.startsWith('--models=') && folder === undefined) return { model, models: flag.slice('--models='.length) };
  return flag === '--models' && folder !== undefined ? { model, models: folder } : undefined;
}

async function printSample({ model, models }: Arguments, signal: AbortSignal): Promise<number> {
  const cacheDirectory = await temporaryFolder('slipway-inspect-');
  try {
    const { name, version, path, config } = await find(model, models);
    const trial = await tryServing(path, { name, version, config, cacheDirectory, cores: availableCores(), signal });
    if (trial.trialFailure !== undefined) {
      const why = `none of the made-up inputs that were tried suits it; to the plainest it said: ${trial.trialFailure.message}`;
      throw new ServingError('INVALID_ARGUMENT', why);
    }
    process.stdout.write(`${samplePredictBody(trial)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ServingError) || error.code === 'CANCELED') throw error;
    process.stderr.write(`${printable(`${model}: ${error.message}`)}\n`);
    return 1;
  } finally {
    await rm(cacheDirectory, { recursive: true, force: true });
  }
}

/** The file itself, or the newest version of that name in the folder. */
async function find(model: string, models: string) {
  const isFile = await stat(model).then(
    (stats) => stats.isFile(),
    () => false,
  );
  const path = isFile ? resolve(model) : models;
  const found = await findTargets(path).catch(() => {
    throw new ServingError('NOT_FOUND', `there is no folder ${path}; name the models folder with --models DIR`);
  });
  const targets = found.models.filter((candidate) => 'config' in candidate);
  const named = isFile ? targets : targets.filter(({ name }) => name === model);
  const [newest] = named.sort((a, b) => b.version - a.version);
  if (newest !== undefined) return newest;
  const names = [...new Set(targets.map(({ name }) => name))].slice(0, 20).join(', ') || 'none';
  throw new ServingError('NOT_FOUND', `there is no such file, and no such model in ${models}; its models are ${names}`);
}
