import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { availableCores } from '../config/available-resources.js';
import { ServingError } from '../core/serving-error.js';
import { formatInspection } from '../onnx/format-inspection.js';
import { inspectModel } from '../onnx/inspect-model.js';
import { modelNameOf } from './model-name-of.js';
import { formatServing } from './serving-report.js';
import { temporaryFolder } from './temporary-folder.js';
import { printable } from './terminal-text.js';
import { tryServing } from './try-serving.js';
import { untilStopped } from './until-stopped.js';

export const inspectHelp = (): string => `Usage: slipway inspect FILE.onnx

Says what a model file takes and gives, where it came from, and how it would be served: what is rewritten, whether
requests share runs, what a run costs here, and a request that works. The model is loaded in an engine process of its
own for that. Exits with 1 when it cannot be served.`;

/** Resolves with the exit code. */
export async function inspect(argv: readonly string[]): Promise<number> {
  const [file, ...rest] = argv;
  if (file === undefined || rest.length > 0 || file.startsWith('-')) {
    process.stderr.write(`${inspectHelp()}\n`);
    return 2;
  }
  return untilStopped((signal) => inspectFile(file, signal));
}

async function inspectFile(file: string, signal: AbortSignal): Promise<number> {
  const cacheDirectory = await temporaryFolder('slipway-inspect-');
  try {
    const path = resolve(file);
    const inspection = await inspectModel(path);
    process.stdout.write(printable(formatInspection(inspection)));
    if (inspection.served === undefined) return 1;
    const options = { name: modelNameOf(path), cacheDirectory, cores: availableCores(), signal };
    process.stdout.write(printable(formatServing(await tryServing(path, options), file)));
    return 0;
  } catch (error) {
    if (!(error instanceof ServingError) || error.code === 'CANCELED') throw error;
    process.stderr.write(`${printable(`${file} cannot be served: ${error.message}`)}\n`);
    return 1;
  } finally {
    await rm(cacheDirectory, { recursive: true, force: true });
  }
}
