import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileWindow, stateOfFile } from './file-window.js';

/** A copy of a model file, under the file's own name in a folder of its own. */
export interface KeptCopy {
  readonly path: string;
  dispose(): Promise<void>;
}

export interface KeptCopiesOptions {
  readonly directory: string;
  /** Larger files are not copied. */
  readonly largestBytes: number;
  /** Of all copies together: the space may be dear. */
  readonly totalBytes: number;
}

type SourceFile = Pick<FileWindow, 'path' | 'name' | 'size' | 'state'>;

/** Copies of model files from which engines can be started again after the originals were deleted or written over. */
export class KeptCopies {
  readonly #options: KeptCopiesOptions;
  #usedBytes = 0;

  constructor(options: KeptCopiesOptions) {
    this.#options = options;
  }

  /** Undefined where there is no room for the file, or it changes meanwhile: it then has to stay where it is. */
  async keep(file: SourceFile): Promise<KeptCopy | undefined> {
    const { largestBytes, totalBytes } = this.#options;
    if (file.size > largestBytes || this.#usedBytes + file.size > totalBytes) return undefined;
    this.#usedBytes += file.size;
    const folder = await this.#copy(file).catch(() => undefined);
    if (folder === undefined) {
      this.#usedBytes -= file.size;
      return undefined;
    }
    let removal: Promise<void> | undefined;
    const dispose = (): Promise<void> => {
      removal ??= this.#remove(folder, file.size);
      return removal;
    };
    return { path: join(folder, file.name), dispose };
  }

  /** Resolves with the folder; leaves nothing behind where it fails. */
  async #copy({ path, name, state }: SourceFile): Promise<string> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(directory, 'model-'));
    try {
      await copyFile(path, join(folder, name), constants.COPYFILE_FICLONE);
      if ((await stateOfFile(path)) !== state) throw new Error(`${name} changed while it was copied`);
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
