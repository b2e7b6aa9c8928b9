import { lstatSync, readdirSync, realpathSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { isIgnoredName } from './folder-entries.js';

export interface TreeStateOptions {
  readonly fileSystems: LocalFileSystems;
  /** Folders below the top are no part of it where this is 0. */
  readonly deepest: number;
  readonly mostEntries: number;
}

/** What was seen of a path; without a mark nothing was there. */
interface Fact {
  readonly path: string;
  readonly followsLink: boolean;
  readonly mark: Mark | undefined;
}

/** What of a path's stats tells a change: the rest of them is not kept, there may be ten thousands. */
type Mark = Pick<Stats, 'ctimeMs' | 'mtimeMs' | 'size' | 'ino' | 'dev'>;

/** Read in one go, so that requests do not wait for long. */
const factsAtOnce = 128;

/**
 * The states of all that lies in a folder, to be compared with what lies there later: a few microseconds a file, against
 * some fifty to read the folder again. Only of local file systems, where nothing is slow and the times tell of every change.
 */
export class TreeState {
  readonly #facts: Fact[] = [];
  readonly #folders = new Set<string>();
  readonly #options: TreeStateOptions;
  #newestChangeMs = 0;
  #hasOtherNames = false;

  private constructor(options: TreeStateOptions) {
    this.#options = options;
  }

  /** Undefined where it cannot be relied on: another file system, too many entries, something that vanished meanwhile. */
  static take(folder: string, options: TreeStateOptions): TreeState | undefined {
    const state = new TreeState(options);
    try {
      return state.#addFolder(folder, 0) ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** The number of paths that `holds` compares. */
  get size(): number {
    return this.#facts.length;
  }

  /** Every folder in which a change of this state shows. */
  get folders(): ReadonlySet<string> {
    return this.#folders;
  }

  /** Whether all changes show in `folders`: a file may be written under another name that it has elsewhere. */
  get showsInFolders(): boolean {
    return !this.#hasOtherNames;
  }

  /** Unix time. The times have steps of some milliseconds: of two changes in one step the second one does not show. */
  get newestChangeMs(): number {
    return this.#newestChangeMs;
  }

  async holds(): Promise<boolean> {
    for (const [index, { path, followsLink, mark }] of this.#facts.entries()) {
      if (index % factsAtOnce === factsAtOnce - 1) await yieldToEventLoop();
      if (!isSame(mark, statsOf(path, followsLink))) return false;
    }
    return true;
  }

  #addFolder(folder: string, depth: number): boolean {
    const { deepest, mostEntries } = this.#options;
    if (!this.#add(folder, true)?.isDirectory()) return false;
    this.#folders.add(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (isIgnoredName(entry.name)) continue;
      if (this.#facts.length > mostEntries) return false;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < deepest && !this.#addFolder(path, depth + 1)) return false;
      } else if (!entry.isSymbolicLink()) {
        const stats = this.#add(path, false);
        if (stats === undefined) return false;
        this.#hasOtherNames ||= stats.nlink > 1;
      } else if (!this.#addLink(path, depth)) return false;
    }
    return true;
  }

  #addLink(path: string, depth: number): boolean {
    if (this.#add(path, false) === undefined) return false;
    const target = this.#add(path, true);
    if (target === undefined) return true;
    // A change of the target shows where it lies itself.
    this.#folders.add(dirname(realpathSync.native(path)));
    this.#hasOtherNames ||= target.isFile() && target.nlink > 1;
    return !target.isDirectory() || depth >= this.#options.deepest || this.#addFolder(path, depth + 1);
  }

  #add(path: string, followsLink: boolean): Stats | undefined {
    const stats = statsOf(path, followsLink);
    this.#facts.push({ path, followsLink, mark: stats && markOf(stats) });
    if (stats === undefined) return undefined;
    if (!this.#options.fileSystems.has(stats.dev, path)) throw new Error('not a local file system');
    this.#newestChangeMs = Math.max(this.#newestChangeMs, stats.ctimeMs);
    return stats;
  }
}

function statsOf(path: string, followsLink: boolean): Stats | undefined {
  try {
    return (followsLink ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const markOf = ({ ctimeMs, mtimeMs, size, ino, dev }: Stats): Mark => ({ ctimeMs, mtimeMs, size, ino, dev });

const isSame = (before: Mark | undefined, now: Mark | undefined): boolean =>
  before === undefined || now === undefined
    ? before === now
    : before.ctimeMs === now.ctimeMs &&
      before.mtimeMs === now.mtimeMs &&
      before.size === now.size &&
      before.ino === now.ino &&
      before.dev === now.dev;

/**
 * `f_type` of file systems that this machine's kernel alone writes to: it tells of every change, and a folder's times
 * change with its entries. Of others (NFS, SMB, FUSE, 9p) neither is certain.
 */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // OverlayFS
  0x73717368, // SquashFS
  0xe0f5e1e2, // EROFS
]);

/** Knows of each device whether its file system is a local one. */
export class LocalFileSystems {
  readonly #known = new Map<number, boolean>();

  /** `path` lies on `device`. */
  has(device: number, path: string): boolean {
    let isLocal = this.#known.get(device);
    if (isLocal === undefined) {
      isLocal = localTypes.has(statfsSync(path).type);
      this.#known.set(device, isLocal);
    }
    return isLocal;
  }
}
