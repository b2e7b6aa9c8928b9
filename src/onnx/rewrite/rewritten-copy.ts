import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileState } from '../../core/engine-files.js';
import { ServingError } from '../../core/serving-error.js';
import { withoutPaths } from '../../core/without-paths.js';
import { type FileWindow, stateOfFile } from '../file-window.js';
import { type FilePatch, writePatched } from './file-patch.js';

/** A patched copy of a model file. Copies stay, for the next start, as long as the file they were made from does. */
export interface RewrittenCopy extends Pick<FileWindow, 'path' | 'name' | 'size' | 'state'> {
  /** Whether it takes weights from the file that it was made from. */
  readonly isDependent: boolean;
  /** Removes the copy if its source has been replaced or removed since. */
  dispose(): Promise<void>;
}

interface CopyRecord {
  readonly source: string;
  readonly state: string;
}

/** Copies lie below the folder that the operator names: it may hold files of others, models among them. */
const folderName = 'slipway-rewritten';

/** A copy, its record, or one of them half written. Nothing of another name is ever removed. */
const ownName = /^[0-9a-f]{64}\.(?:onnx|json|onnx\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Stale copies of other models may still serve: theirs is the right to remove them. */
const abandonedAfterMs = 24 * 3600 * 1000;

/**
 * Finds the copy, or makes it. Its name is a hash of the patch and of what identifies the source to the file system,
 * not of the source's bytes: to hash those takes longer than to copy them.
 */
export async function rewrittenCopy(
  { path: source, state }: Pick<FileWindow, 'path' | 'state'>,
  patch: FilePatch,
  cacheDirectory: string,
): Promise<RewrittenCopy> {
  const directory = join(cacheDirectory, folderName);
  const name = createHash('sha256')
    .update(JSON.stringify([source, state, patch.hidden.map(({ start }) => start)]))
    .update(patch.appended)
    .digest('hex');
  const path = join(directory, `${name}.onnx`);
  const record: CopyRecord = { source, state };
  if (!(await exists(path))) await makeCopy(path, record, patch, directory);
  const stats = await stat(path, { bigint: true });
  return {
    path,
    name: basename(path),
    size: Number(stats.size),
    state: fileState(stats),
    isDependent: patch.graphWithoutWeights !== undefined,
    dispose: async () => {
      if (!(await isCurrent(record))) await removeCopy(path);
    },
  };
}

async function makeCopy(path: string, record: CopyRecord, patch: FilePatch, directory: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await removeAbandoned(directory);
    await writePatched(record.source, unfinished, patch);
    if (!(await isCurrent(record))) throw new ServingError('UNAVAILABLE', 'the model file changed while it was read');
    await writeFile(recordOf(path), JSON.stringify(record));
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    if (cause instanceof ServingError) throw cause;
    const message = `the model has to be rewritten, and the copy cannot be written: ${withoutPaths((cause as Error).message)}`;
    throw new ServingError('UNAVAILABLE', message, { cause });
  }
}

const isCurrent = async ({ source, state }: CopyRecord): Promise<boolean> => (await stateOfFile(source)) === state;

async function removeAbandoned(directory: string): Promise<void> {
  const now = Date.now();
  for (const entry of await readdir(directory)) {
    if (!ownName.test(entry)) continue;
    const path = join(directory, entry);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined || !found.isFile() || now - found.mtimeMs < abandonedAfterMs) continue;
    if (entry.endsWith('.onnx')) {
      const record = await readRecord(path);
      if (record === undefined || !(await isCurrent(record))) await removeCopy(path);
    } else if (!entry.endsWith('.json')) {
      await rm(path, { force: true });
    }
  }
}

const recordOf = (path: string): string => path.replace(/\.onnx$/, '.json');

const readRecord = (path: string): Promise<CopyRecord | undefined> =>
  readFile(recordOf(path), 'utf8').then(
    (text) => JSON.parse(text) as CopyRecord,
    () => undefined,
  );

async function removeCopy(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(recordOf(path), { force: true });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
