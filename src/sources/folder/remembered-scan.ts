import { type FSWatcher, watch } from 'node:fs';
import { TreeState, type TreeStateOptions } from './tree-state.js';

export interface RememberedScanOptions<Reading> extends TreeStateOptions {
  readonly folder: string;
  readonly read: () => Promise<Reading>;
  /** Whether it may be remembered: a failure to read may pass without a change. */
  readonly isSound: (reading: Reading) => boolean;
  /** What changed this long ago and longer cannot have changed twice within one step of the file system's clock. */
  readonly trustedAgeMs: number;
  /** Called when the kernel tells of a change, and when nothing is remembered any more. */
  readonly onHeard: () => void;
}

/** Where the system had no room for another watch, it is asked again after so long. */
const watchPauseMs = 60_000;

/** How much is asked of one scan. */
export interface ScanOrder {
  /** Whether states are compared although nothing was heard of a change. */
  readonly compares: boolean;
  /** Whether the folder is to be watched from now on, where it can be. */
  readonly watches: boolean;
}

/** What was read of a folder, read again only when something in it may have changed. */
export class RememberedScan<Reading> {
  readonly #options: RememberedScanOptions<Reading>;
  #known: { readonly reading: Reading; readonly state: TreeState } | undefined;
  #watch: FolderWatch | undefined;
  #watchAgainAtMs = 0;

  constructor(options: RememberedScanOptions<Reading>) {
    this.#options = options;
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** The number of paths that a comparison reads; 0 where nothing can be compared. */
  get size(): number {
    return this.#known?.state.size ?? 0;
  }

  /** Whether the kernel tells of changes to what is remembered, and told of none. */
  get isWatched(): boolean {
    return this.#watch?.isQuiet === true;
  }

  /** Undefined where nothing is remembered. */
  get reading(): Reading | undefined {
    return this.#known?.reading;
  }

  get canBeWatched(): boolean {
    return this.#known?.state.showsInFolders === true && performance.now() >= this.#watchAgainAtMs;
  }

  /** The same object as before where nothing changed. Rejects as the reading does. */
  async scan(order: ScanOrder): Promise<Reading> {
    if (this.#known !== undefined && (await this.#isUnchanged(this.#known.state, order))) return this.#known.reading;
    this.forget();
    const { folder, read, isSound, trustedAgeMs } = this.#options;
    const nowMs = Date.now();
    const state = TreeState.take(folder, this.#options);
    const reading = await read();
    if (!isSound(reading)) return reading;
    if (state !== undefined && nowMs - state.newestChangeMs >= trustedAgeMs && (await state.holds())) {
      this.#known = { reading, state };
    }
    return reading;
  }

  /** Whether what is remembered is as it was; it is forgotten if not. */
  async holds(): Promise<boolean> {
    const holds = this.#known !== undefined && (await this.#known.state.holds());
    if (!holds) this.forget();
    return holds;
  }

  forget(): void {
    if (this.#known !== undefined) this.#options.onHeard();
    this.#known = undefined;
    this.#watch?.close();
    this.#watch = undefined;
  }

  async #isUnchanged(state: TreeState, { compares, watches }: ScanOrder): Promise<boolean> {
    if (this.isWatched && !compares) return true;
    if (!(await state.holds())) return false;
    if (this.isWatched || !watches || !this.canBeWatched) return true;
    this.#watch = new FolderWatch(state.folders, this.#options.onHeard);
    if (this.#watch.hasFailed) this.#watchAgainAtMs = performance.now() + watchPauseMs;
    // Between the comparison and the watch there was a moment.
    return state.holds();
  }
}

/** Hears from the kernel of the first change in any of some folders. A hint: what it does not hear of may have changed, too. */
class FolderWatch {
  readonly #watchers: FSWatcher[] = [];
  #isQuiet = true;
  #hasFailed = false;

  constructor(folders: Iterable<string>, onHeard: () => void) {
    const end = (): void => {
      this.close();
      onHeard();
    };
    const fail = (): void => {
      this.#hasFailed = true;
      end();
    };
    try {
      for (const folder of folders) {
        this.#watchers.push(watch(folder, { persistent: false }, end).on('error', fail));
      }
    } catch {
      // Gone meanwhile, or the system has no room for more watches: then it is scanned instead.
      fail();
    }
  }

  /** Whether the system could not do it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Whether it listens and nothing has been heard yet. */
  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** One change is enough: a file that is being copied tells of thousands. */
  close(): void {
    this.#isQuiet = false;
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }
}
