import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileWindow, fileIdentity } from './file-window.js';

/** A copy of a model file, under the file's own name in a folder of its own. */
export interface KeptCopy {
  readonly path: string;
  dispose(): Promise<void>;
}

export interface KeepCopies {
  readonly directory: string;
  /** Larger files are not copied: the space may be dear. */
  readonly largestBytes: number;
}

/**
 * Makes the copy from which engines can be started again even after the original was deleted or written over.
 * Undefined where the file is too large, changes meanwhile, or there is no room: it then has to stay where it is.
 */
export async function keptCopy(
  { path, name, size, identity }: Pick<FileWindow, 'path' | 'name' | 'size' | 'identity'>,
  { directory, largestBytes }: KeepCopies,
): Promise<KeptCopy | undefined> {
  if (size > largestBytes) return undefined;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(directory, 'model-'));
  const copy: KeptCopy = { path: join(folder, name), dispose: () => rm(folder, { recursive: true, force: true }) };
  const isCopied = await copyFile(path, copy.path, constants.COPYFILE_FICLONE).then(
    () => true,
    () => false,
  );
  if (isCopied && (await fileIdentity(path)) === identity) return copy;
  await copy.dispose();
  return undefined;
}
