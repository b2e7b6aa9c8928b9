import { basename, extname, resolve } from 'node:path';
import type { ModelMetadata } from '../core/model.js';
import type { PreparedModel } from '../core/model-source.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { FileWindow, stateOfFile } from './file-window.js';
import { requireKnownOperators } from './known-operators.js';
import { describeModelFile, type ModelFile } from './model-file.js';
import type { ModelOutline } from './model-outline.js';
import type { PinnedCopies } from './pinned-copies.js';
import { realPath } from './real-path.js';
import { draftGraph } from './rewrite/draft-graph.js';
import { patchFor } from './rewrite/draft-patch.js';
import type { GraphDraft } from './rewrite/graph-draft.js';
import { rewrittenCopy } from './rewrite/rewritten-copy.js';
import { rowFacts } from './row-flow/row-facts.js';
import { ServedFiles } from './served-files.js';
import { signatureOf } from './signature.js';

export interface PrepareModelOptions {
  /** Where rewritten copies go. */
  readonly cacheDirectory: string;
  /** Copies of the user's files that engines are given; without it they are given the files themselves. */
  readonly pinnedCopies?: PinnedCopies;
  /** Folders that links to external data may lead to; anywhere where absent. */
  readonly mayLeadTo?: readonly string[];
}

/** Reads a model file and says what the engine is to load for it. Rejects with a ServingError that says why it cannot. */
export async function prepareModel(
  modelPath: string,
  { cacheDirectory, pinnedCopies, mayLeadTo }: PrepareModelOptions,
): Promise<PreparedModel> {
  await using window = await FileWindow.open(resolve(modelPath));
  const { file, draft, signature } = await read(window, mayLeadTo).catch(async (error: unknown) => {
    // What is said of half a file, or of a folder that is away, is of no use.
    if ((await stateOfFile(window.path)) === window.state) throw error;
    throw moved(window.name, error);
  });
  const target = await placeOf(file.path, window.name);
  const patch = await patchFor(draft, window, basename(target));
  const rewritten = patch && (await rewrittenCopy(window, patch, resolve(cacheDirectory)));
  const files = new ServedFiles({
    // The engine looks for weights in the folder where the file itself lies, not where a link to it does.
    original:
      rewritten?.isDependent === true
        ? { path: target, name: basename(target), size: window.size, state: window.state }
        : window,
    external: file.externalFiles.map(({ location, path, bytes, state }) => ({
      path,
      name: location,
      size: bytes,
      state,
    })),
    ...(rewritten && { rewritten }),
    ...(pinnedCopies && { pinnedCopies }),
  });
  // Before anything is loaded: what an engine has mapped would change under it as soon as the file is written over.
  if (file.externalFiles.length > 0) {
    await files.pin().catch(async (error: unknown) => {
      await files.dispose();
      throw error;
    });
  }
  return {
    files: () => files.current,
    pin: () => files.pin(),
    signature,
    metadata: metadataOf(file),
    sizeBytes: file.sizeBytes,
    ...(draft.unbatchable !== undefined && { unbatchable: draft.unbatchable }),
    rowFacts: rowFacts(file),
    rewrites: draft.sentences,
    dispose: () => files.dispose(),
  };
}

/** Without links. The file was seen there already: whatever keeps it from being found may pass. */
const placeOf = (path: string, name: string): Promise<string> =>
  realPath(path).catch((error: unknown) => {
    throw moved(name, error);
  });

const moved = (name: string, cause: unknown): ServingError => {
  const message = `${name} was replaced, written to or removed while it was read`;
  return new ServingError('UNAVAILABLE', message, { cause, retryAfterSeconds: 1 });
};

async function read(
  window: FileWindow,
  mayLeadTo: readonly string[] | undefined,
): Promise<ModelPlan & { file: ModelFile }> {
  const file = await describeModelFile(window);
  if (mayLeadTo !== undefined) await requireInside(file, mayLeadTo);
  return { file, ...(await planModel(file, window)) };
}

/** Also of files with names that the repository does not look at, and beside a model file without a folder of its own. */
async function requireInside({ externalFiles }: ModelFile, folders: readonly string[]): Promise<void> {
  const roots = await Promise.all(folders.map((folder) => realPath(folder).catch(() => folder)));
  for (const { location, path, problem } of externalFiles) {
    if (problem !== undefined) continue;
    const target = await placeOf(path, location);
    if (roots.some((root) => target.startsWith(root.endsWith('/') ? root : `${root}/`))) continue;
    throw invalidArgument(
      `its external data file "${location}" is a link that leads outside of the models folder; allow where it leads to with --allow-links-to, or copy the file`,
    );
  }
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
  if ((extname(path).toLowerCase() === '.ort') === (format === 'ort')) return undefined;
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

/** What the file says about itself, as the API tells it. */
export function metadataOf({ outline }: { readonly outline: ModelOutline }): ModelMetadata {
  const producer = `${outline.producerName} ${outline.producerVersion}`.trim();
  const description = outline.docString || outline.graph.docString;
  return {
    ...(producer !== '' && { producer }),
    ...(description !== '' && { description }),
    irVersion: outline.irVersion,
    opsets: Object.fromEntries(outline.opsets),
    ...(outline.properties.size > 0 && { properties: Object.fromEntries(outline.properties) }),
  };
}
