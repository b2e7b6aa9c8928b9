import { realpath } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { PreparedModel } from '../core/model-source.js';
import { invalidArgument } from '../core/serving-error.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { FileWindow } from './file-window.js';
import type { KeptCopies } from './kept-copies.js';
import { requireKnownOperators } from './known-operators.js';
import { describeModelFile, type ModelFile } from './model-file.js';
import { metadataOf } from './model-metadata.js';
import { draftGraph } from './rewrite/draft-graph.js';
import { patchFor } from './rewrite/draft-patch.js';
import type { GraphDraft } from './rewrite/graph-draft.js';
import { rewrittenCopy } from './rewrite/rewritten-copy.js';
import { ServedFiles } from './served-files.js';
import { signatureOf } from './signature.js';

export interface PrepareModelOptions {
  /** Where rewritten copies go. */
  readonly cacheDirectory: string;
  /** Whether engines are given copies of files that need no rewriting, too. */
  readonly keptCopies?: KeptCopies;
}

/** Reads a model file and says what the engine is to load for it. Rejects with a ServingError that says why it cannot. */
export async function prepareModel(
  modelPath: string,
  { cacheDirectory, keptCopies }: PrepareModelOptions,
): Promise<PreparedModel> {
  await using window = await FileWindow.open(resolve(modelPath));
  const file = await describeModelFile(window);
  const { draft, signature } = await planModel(file, window);
  const target = await realpath(file.path);
  const patch = await patchFor(draft, window, basename(target));
  const rewritten = patch && (await rewrittenCopy(window, patch, resolve(cacheDirectory)));
  const files = new ServedFiles({
    // The engine looks for weights in the folder where the file itself lies, not where a link to it does.
    original:
      rewritten?.isDependent === true
        ? { path: target, name: basename(target), size: window.size, state: window.state }
        : window,
    hasExternalData: file.externalFiles.length > 0,
    ...(rewritten && { rewritten }),
    ...(keptCopies && { keptCopies }),
  });
  return {
    files: () => files.current,
    keep: () => files.keep(),
    signature,
    metadata: metadataOf(file),
    sizeBytes: file.sizeBytes,
    ...(draft.unbatchable !== undefined && { unbatchable: draft.unbatchable }),
    rewrites: draft.sentences,
    dispose: () => files.dispose(),
  };
}

export interface ModelPlan {
  readonly draft: GraphDraft;
  readonly signature: ModelSignature;
}

/** Decides how a model is served. Throws INVALID_ARGUMENT, with the reason, where it cannot be. */
export async function planModel(file: ModelFile, window: FileWindow): Promise<ModelPlan> {
  requireMatchingName(file);
  requireExternalFiles(file);
  requireKnownOperators(file);
  const draft = await draftGraph(file, window);
  return { draft, signature: signatureOf(draft) };
}

function requireMatchingName(file: ModelFile): void {
  const problem = endingProblem(file);
  if (problem !== undefined) throw invalidArgument(problem);
}

/** The engine tells the formats apart by the name alone. */
export function endingProblem({ path, format }: Pick<ModelFile, 'path' | 'format'>): string | undefined {
  if ((extname(path) === '.ort') === (format === 'ort')) return undefined;
  const meaning = format === 'ort' ? "is in onnxruntime's own format" : 'is an ONNX file';
  return `${basename(path)} ${meaning}; give it a name that ends in .${format}`;
}

function requireExternalFiles({ externalFiles }: ModelFile): void {
  const unusable = externalFiles.filter(({ problem }) => problem !== undefined);
  const [first] = unusable;
  if (first === undefined) return;
  const more = unusable.length > 1 ? ` (and ${unusable.length - 1} more)` : '';
  throw invalidArgument(`its external data file "${first.location}" ${first.problem}${more}`);
}
