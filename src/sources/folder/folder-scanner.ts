import { realpathSync } from 'node:fs';
import { type LinkBounds, readFolderEntry, undefinedWhenMissing } from './folder-entries.js';
import { identityNow, identityOf, sameThroughout } from './folder-identity.js';
import { readModelFolder } from './model-folder.js';
import { RememberedScan, type RememberedScanOptions, type ScanOrder } from './remembered-scan.js';
import { type ScannedModel, type UnreadableModel, unreadable } from './scanned.js';
import { type FolderScan, readTop, type SoleFile, type TopLevel } from './top-folder.js';
import { LocalFileSystems } from './tree-state.js';

export interface FolderScannerOptions {
  readonly directory: string;
  /** The directory itself is one model of this name. */
  readonly modelName?: string | undefined;
  /** Of the directory only this file, and what belongs to it. */
  readonly sole?: SoleFile | undefined;
  /** Whether the kernel is asked to tell of changes. */
  readonly watches: boolean;
  /** Folders outside of the directory that links in it may lead to; absolute paths. */
  readonly allowLinksTo?: readonly string[];
  readonly trustedAgeMs?: number;
  /** So many paths are compared at a scan although nothing was heard of a change. */
  readonly pathsPerScan?: number | undefined;
}

type SomeModel = ScannedModel | UnreadableModel;
type RememberedModel = RememberedScan<SomeModel | undefined>;
type SomeReading = RememberedModel | RememberedScan<TopLevel>;

/** One at a time costs up to twice the processor time, in waking up; all at once would crowd the thread pool. */
const modelsAtOnce = 16;
/** Folders that begin to be watched at one scan, which takes some tens of microseconds each. */
const newWatchesPerScan = 100;
/** So many scans compare everything once, as long as a scan compares no more than takes about a millisecond. */
const scansPerRound = 60;
const fewestPathsPerScan = 20;
const mostPathsPerScan = 200;
const usualTrustedAgeMs = 2000;

/** Larger ones are read at each scan, in other threads. */
const mostEntriesOfModel = 512;
const mostEntriesOfTop = 20_000;
/** No deeper than models are read. */
const deepestFolder = 10;

/**
 * Scans a models folder again and again, and reads only what may have changed: on local file systems folders are watched,
 * and besides states of files are compared, in turn where they are many; on others everything is read at each scan.
 */
export class FolderScanner {
  readonly #options: FolderScannerOptions;
  readonly #fileSystems = new LocalFileSystems();
  #root: string | undefined;
  #top: RememberedScan<TopLevel> | undefined;
  #lastTop: TopLevel | undefined;
  readonly #models = new Map<string, RememberedModel>();
  /** Of the models, in order: the next one to be compared. */
  #turn = 0;
  #last: FolderScan | undefined;
  /** All that is remembered, and the number of its paths, where everything is: until a change is heard of. */
  #quiet: { readonly readings: readonly SomeReading[]; readonly paths: number } | undefined;

  constructor(options: FolderScannerOptions) {
    this.#options = options;
  }

  /**
   * What did not change, all of it or a model, is the same object as before. `isThorough`: nothing is taken for unchanged
   * that was not compared. Rejects when the directory itself cannot be read, or was another before the scan was over: what
   * was not seen then is not known to be gone.
   */
  async scan(isThorough: boolean): Promise<FolderScan> {
    if (!isThorough && this.#last !== undefined && (await this.#isUnchanged(this.#last))) return this.#last;
    this.#quiet = undefined;
    const seen = await sameThroughout(this.#options.directory, (root) => this.#scanBelow(root, isThorough));
    if (this.#last === undefined || !isSame(this.#last, seen)) this.#last = seen;
    const readings = this.#readings();
    if (readings.every(({ isWatched }) => isWatched)) this.#quiet = { readings, paths: pathsOf(readings) };
    return this.#last;
  }

  /** As far as the kernel tells, and the states of those whose turn it is. At rest this is all that a scan costs. */
  async #isUnchanged(last: FolderScan): Promise<boolean> {
    if (this.#quiet === undefined || identityNow(this.#options.directory) !== last.identity) return false;
    const { readings, paths } = this.#quiet;
    for (const reading of this.#takeTurns(readings, paths)) if (!(await reading.holds())) return false;
    return this.#quiet !== undefined;
  }

  #readings(): readonly SomeReading[] {
    return this.#top === undefined ? [...this.#models.values()] : [this.#top, ...this.#models.values()];
  }

  /** Forgets everything; nothing is watched any more. */
  close(): void {
    this.#last = undefined;
    this.#top?.forget();
    this.#top = undefined;
    for (const model of this.#models.values()) model.forget();
    this.#models.clear();
  }

  async #scanBelow(root: string, isThorough: boolean): Promise<FolderScan> {
    const { directory, modelName } = this.#options;
    if (root !== this.#root) this.close();
    this.#root = root;
    const identity = await identityOf(directory);
    const readings = this.#readings();
    const turn = this.#takeTurns(readings, pathsOf(readings));
    if (modelName !== undefined) {
      const models = await this.#scanModels(new Map([[modelName, directory]]), isThorough ? undefined : turn);
      const isEmpty = models.every((model) => 'versions' in model && model.versions.size === 0);
      return { models, identity, isEmpty, problems: nothing, notes: nothing };
    }
    this.#top ??= this.#remember(directory, {
      deepest: 0,
      mostEntries: mostEntriesOfTop,
      read: () => readTop(directory, this.#bounds(root), this.#options.sole),
      isSound: () => true,
    });
    const top = await this.#top.scan(this.#order(isThorough || turn.has(this.#top)));
    // Where a link at the top leads elsewhere now, nothing changed in the folder that it led to.
    const isOther = top !== this.#lastTop;
    this.#lastTop = top;
    const models = await this.#scanModels(top.folders, isThorough || isOther ? undefined : turn);
    return { ...top, models: [...top.models, ...models], identity };
  }

  #bounds(root: string): LinkBounds {
    return { root, others: this.#options.allowLinksTo?.map(realPathOf) ?? [] };
  }

  /** `compared`: those whose states are compared although nothing was heard of a change; undefined: all. */
  async #scanModels(
    folders: ReadonlyMap<string, string>,
    compared: ReadonlySet<SomeReading> | undefined,
  ): Promise<readonly SomeModel[]> {
    for (const [name, model] of this.#models) {
      if (folders.has(name)) continue;
      model.forget();
      this.#models.delete(name);
    }
    for (const [name, path] of folders) {
      if (this.#models.get(name)?.folder !== path) this.#models.set(name, this.#rememberModel(name, path));
    }
    const models = [...this.#models.values()];
    const isQuiet = (model: RememberedModel): boolean => compared?.has(model) === false && model.isWatched;
    let newWatches = 0;
    const seen = new Map<RememberedModel, SomeModel | undefined>();
    await inParallel(
      models.filter((model) => !isQuiet(model)),
      modelsAtOnce,
      async (model) => {
        const watches = !model.isWatched && model.canBeWatched && newWatches < newWatchesPerScan;
        if (watches) newWatches++;
        seen.set(model, await model.scan(this.#order(compared?.has(model) !== false, watches)));
      },
    );
    return models.flatMap((model) => (seen.has(model) ? seen.get(model) : model.reading) ?? []);
  }

  /** Those whose turn it is to be compared although nothing was heard of a change. */
  #takeTurns(readings: readonly SomeReading[], paths: number): ReadonlySet<SomeReading> {
    const fairShare = Math.min(mostPathsPerScan, Math.max(fewestPathsPerScan, Math.ceil(paths / scansPerRound)));
    const { pathsPerScan = fairShare } = this.#options;
    const taken = new Set<SomeReading>();
    if (this.#turn >= readings.length) this.#turn = 0;
    for (let left = pathsPerScan; left > 0 && taken.size < readings.length; ) {
      const reading = readings[this.#turn] as SomeReading;
      taken.add(reading);
      left -= reading.size;
      this.#turn = (this.#turn + 1) % readings.length;
    }
    return taken;
  }

  #order(compares: boolean, watches = true): ScanOrder {
    return { compares, watches: watches && this.#options.watches };
  }

  #rememberModel(name: string, path: string): RememberedModel {
    const read = async () => readModelFolder(name, await readFolderEntry(path), this.#bounds(this.#root as string));
    const isSound = (model: SomeModel | undefined) => model !== undefined && isReadable(model);
    // The directory itself has to be readable, of any other folder it is the model's problem.
    const readAnyway = () =>
      this.#options.modelName === undefined
        ? read()
            .catch((error) => undefinedWhenMissing(error))
            .catch((error: Error) => ({ name, ...unreadable(error) }))
        : read();
    return this.#remember(path, { deepest: deepestFolder, mostEntries: mostEntriesOfModel, read: readAnyway, isSound });
  }

  #remember<Reading>(folder: string, options: ReadingOptions<Reading>): RememberedScan<Reading> {
    const { trustedAgeMs = usualTrustedAgeMs } = this.#options;
    return new RememberedScan({
      ...options,
      folder,
      trustedAgeMs,
      fileSystems: this.#fileSystems,
      onHeard: () => {
        this.#quiet = undefined;
      },
    });
  }
}

type ReadingOptions<Reading> = Omit<
  RememberedScanOptions<Reading>,
  'folder' | 'trustedAgeMs' | 'fileSystems' | 'onHeard'
>;

const isSame = (a: FolderScan, b: FolderScan): boolean =>
  a.identity === b.identity &&
  a.isEmpty === b.isEmpty &&
  a.problems === b.problems &&
  a.notes === b.notes &&
  a.models.length === b.models.length &&
  a.models.every((model, index) => model === b.models[index]);

const pathsOf = (readings: readonly SomeReading[]): number => readings.reduce((sum, { size }) => sum + size, 0);

const nothing: readonly string[] = [];

const isReadable = (model: SomeModel): boolean =>
  !('unreadable' in model) && [...model.versions.values()].every((version) => !('unreadable' in version));

/** Of a folder that is not there, the path as it is: nothing leads to it either. */
function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Maps with at most `most` calls of `work` under way; results in the order of the items. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const rest = items.entries();
  const loop = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, loop));
  return results;
}
