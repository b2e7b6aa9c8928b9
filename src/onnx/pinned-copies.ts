import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { type FileWindow, stateOfFile } from './file-window.js';

/** Copies of a model's files, under their own names in a folder of their own. */
export interface PinnedCopy {
  readonly folder: string;
  dispose(): Promise<void>;
}

export interface PinnedCopiesOptions {
  readonly directory: string;
  /** A model whose files are larger together is not copied. */
  readonly largestBytes: number;
  /** Of all copies together: the space may be dear. */
  readonly totalBytes: number;
}

/** `name`: relative to the model's folder. */
export type SourceFile = Pick<FileWindow, 'path' | 'name' | 'size' | 'state'>;

/** Copies of model files from which engines can be started again after the originals were deleted or written over. */
export class PinnedCopies {
  readonly #options: PinnedCopiesOptions;
  #usedBytes = 0;

  constructor(options: PinnedCopiesOptions) {
    this.#options = options;
  }

  /** Undefined where there is no room for the files, or one of them changes meanwhile: they then have to stay where they are. */
  async pin(files: readonly SourceFile[]): Promise<PinnedCopy | undefined> {
    const { largestBytes, totalBytes } = this.#options;
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    if (bytes > largestBytes || this.#usedBytes + bytes > totalBytes) return undefined;
    this.#usedBytes += bytes;
    const folder = await this.#copy(files).catch(() => undefined);
    if (folder === undefined) {
      this.#usedBytes -= bytes;
      return undefined;
    }
    let removal: Promise<void> | undefined;
    const dispose = (): Promise<void> => {
      removal ??= this.#remove(folder, bytes);
      return removal;
    };
    return { folder, dispose };
  }

  /** Resolves with the folder; leaves nothing behind where it fails. */
  async #copy(files: readonly SourceFile[]): Promise<string> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(directory, 'model-'));
    try {
      const byName = new Map(files.map((file) => [normalize(file.name), file]));
      for (const [name, { path }] of byName) {
        const target = join(folder, name);
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await copyFile(path, target, constants.COPYFILE_FICLONE);
      }
      // Only now: the files belong together.
      for (const { path, name, state } of files) {
        if ((await stateOfFile(path)) !== state) throw new Error(`${name} changed while it was copied`);
      }
      return folder;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async #remove(folder: string, bytes: number): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    this.#usedBytes -= bytes;
  }
}
