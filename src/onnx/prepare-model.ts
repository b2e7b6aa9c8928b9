import type { PreparedModel } from '../core/model-source.js';
import { invalidArgument } from '../core/serving-error.js';
import { type ModelFile, readModelFile } from './model-file.js';
import { metadataOf } from './model-metadata.js';
import { signatureOf } from './signature.js';

export interface PrepareModelOptions {
  /** Where rewritten copies go. */
  readonly cacheDirectory: string;
}

/** Reads a model file and says what the engine is to load for it. Rejects with a ServingError that says why it cannot. */
export async function prepareModel(modelPath: string, _options: PrepareModelOptions): Promise<PreparedModel> {
  const file = await readModelFile(modelPath);
  requireExternalFiles(file);
  return {
    modelPath: file.path,
    signature: signatureOf(file),
    metadata: metadataOf(file),
    sizeBytes: file.sizeBytes,
    rewrites: [],
    dispose: async () => {},
  };
}

function requireExternalFiles({ externalFiles }: ModelFile): void {
  const unusable = externalFiles.filter(({ problem }) => problem !== undefined);
  const [first] = unusable;
  if (first === undefined) return;
  const more = unusable.length > 1 ? ` (and ${unusable.length - 1} more)` : '';
  throw invalidArgument(`its external data file "${first.location}" ${first.problem}${more}`);
}
