import { type BigIntStats, closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileState, type OriginalFile } from '../../core/engine-files.js';

/** A file of the user's is no longer what was prepared: nothing can be loaded, or answered, from it any more. */
export class FilesChanged extends Error {
  override readonly name = 'FilesChanged';
}

/** A file of the user's is away, or cannot be read, for now: a folder on the network may come back as it was. */
export class FilesAway extends Error {
  override readonly name = 'FilesAway';
}

interface OpenedFile extends OriginalFile {
  readonly fd: number;
  readonly stats: BigIntStats;
}

/**
 * The user's files that a session is opened from. They are held open: whoever replaces a file by another leaves the
 * one that is mapped as it was, and whoever writes to it changes its time of modification before its content.
 */
export class OriginalFiles {
  readonly #files: OpenedFile[] = [];

  /** Throws FilesChanged where one of them is no longer what was prepared, FilesAway where one cannot be reached. */
  constructor(originals: readonly OriginalFile[]) {
    try {
      for (const original of originals) this.#files.push(open(original));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Likewise, unless the paths still lead to what they led to. */
  requireSame(): void {
    for (const original of this.#files) requireState(original);
  }

  /** Throws FilesChanged once one was written to, wherever it lies by now. */
  requireUnwritten(): void {
    for (const { path, fd, stats } of this.#files) {
      const now = fstatSync(fd, { bigint: true });
      const isSame = now.size === stats.size && now.mtimeNs === stats.mtimeNs;
      // A file that was replaced or removed has fewer names, which is no change to its content.
      if (!isSame || (now.ctimeNs !== stats.ctimeNs && now.nlink >= stats.nlink)) throw writtenTo(path);
    }
  }

  close(): void {
    for (const { fd } of this.#files.splice(0)) closeSync(fd);
  }
}

function open(original: OriginalFile): OpenedFile {
  requireState(original);
  const fd = reach(original.path, (path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  const stats = fstatSync(fd, { bigint: true });
  if (fileState(stats) === original.state) return { ...original, fd, stats };
  closeSync(fd);
  throw writtenTo(original.path);
}

function requireState({ path, state }: OriginalFile): void {
  const stats = reach(path, (file) => statSync(file, { bigint: true }));
  if (fileState(stats) !== state) throw writtenTo(path);
}

/** What a system call gives; whatever it fails with may pass, such as EIO and ESTALE of a network file system. */
function reach<T>(path: string, call: (path: string) => T): T {
  try {
    return call(path);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const isGone = code === 'ENOENT' || code === 'ENOTDIR';
    const what = isGone ? 'was removed after it was read' : `cannot be read any more (${code})`;
    throw new FilesAway(`its file ${basename(path)} ${what}`);
  }
}

const writtenTo = (path: string): FilesChanged =>
  new FilesChanged(`its file ${basename(path)} was replaced or written to after it was read`);
