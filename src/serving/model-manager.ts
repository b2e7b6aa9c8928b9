import type { ModelConfig } from '../core/model-config.js';
import type { FoundModel, ModelSource } from '../core/model-source.js';
import { wantedVersions } from '../sources/wanted-versions.js';
import { ModelEntry } from './model-entry.js';
import { reconcile } from './reconcile.js';
import { problemOf, unseen } from './version-failures.js';
import { VersionLifecycle, type VersionLifecycleOptions } from './version-lifecycle.js';

export interface ModelManagerOptions extends Omit<VersionLifecycleOptions, 'source' | 'onChanged'> {
  readonly source: Pick<ModelSource, 'models' | 'onChange' | 'hasBeenRead' | 'isOpening' | 'problem' | 'untilStable'>;
  /** Models that are not to be loaded until they are asked for. */
  readonly unloaded?: readonly string[];
}

/** Keeps what is loaded in step with what the source holds: decides by `reconcile`, one step at a time. */
export class ModelManager {
  readonly models = new Map<string, ModelEntry>();
  readonly #options: ModelManagerOptions;
  readonly #lifecycle: VersionLifecycle;
  readonly #unloaded: Set<string>;
  /** Of those who wait for a model to be reconciled. */
  readonly #watchers = new Map<ModelEntry, (() => void)[]>();
  /** As it was when its model was brought in step last. */
  readonly #synced = new WeakMap<ModelEntry, FoundModel>();
  #stopped = false;

  constructor(options: ModelManagerOptions) {
    this.#options = options;
    this.#lifecycle = new VersionLifecycle({ ...options, onChanged: (entry) => this.#syncModel(entry) });
    this.#unloaded = new Set(options.unloaded);
    options.source.onChange(() => this.sync());
  }

  /** Takes over what changed in the source and starts whatever it asks for. */
  sync(): void {
    if (this.#stopped) return;
    const { models } = this.#options.source;
    for (const name of models.keys()) if (!this.models.has(name)) this.models.set(name, this.#newEntry(name));
    for (const entry of this.models.values()) {
      if (this.#synced.get(entry) !== models.get(entry.name)) this.#syncModel(entry);
    }
  }

  /** Loads may be begun without a limit other than that to those at the same time. */
  goOn(): void {
    this.#lifecycle.goOn();
  }

  /** Resolves when every wanted version of the model serves or has failed, and nothing of it is loading or unloading. */
  async reconciled(entry: ModelEntry): Promise<void> {
    while (!this.#stopped && !entry.isReconciled) {
      await new Promise<void>((resolve) => {
        const watchers = this.#watchers.get(entry);
        if (watchers === undefined) this.#watchers.set(entry, [resolve]);
        else watchers.push(resolve);
      });
    }
  }

  /** Whether it is known what lies in the source. */
  get hasSource(): boolean {
    return this.#options.source.hasBeenRead;
  }

  /** Whether models that lie in the source may not be known yet. */
  get isOpening(): boolean {
    return this.#options.source.isOpening === true;
  }

  /**
   * Loads what is wanted of the model as it lies in the source at this moment; failures are forgotten and tried again.
   * Resolves once all of it serves or has failed, with undefined where there is no such model. Rejects where it cannot be
   * seen what lies there.
   */
  async load(name: string, override?: Partial<ModelConfig>): Promise<ModelEntry | undefined> {
    const { source } = this.#options;
    if (!(await source.untilStable(name))) throw unseen(name, source.problem);
    // Before anything of it is loaded as it was wanted until now.
    if (source.models.has(name) && !this.models.has(name)) this.models.set(name, this.#newEntry(name));
    const entry = this.models.get(name);
    if (entry !== undefined) want(entry, { override, suspended: false });
    this.sync();
    if (entry === undefined) return undefined;
    this.#syncModel(entry);
    await this.reconciled(entry);
    return source.models.has(name) ? entry : undefined;
  }

  /** Goes back to what was wanted before a load that failed. */
  async restore(entry: ModelEntry, former: Wish): Promise<void> {
    want(entry, former);
    this.#syncModel(entry);
    await this.reconciled(entry);
  }

  async unload(entry: ModelEntry): Promise<void> {
    entry.suspended = true;
    this.#syncModel(entry);
    await this.reconciled(entry);
  }

  /** Resolves when nothing is being loaded any more. The engine was closed, so that no load goes on for long. */
  loadsEnded(): Promise<void> {
    return this.#lifecycle.loadsEnded();
  }

  /** Retires everything that serves. Resolves when its last process has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const entry of this.models.values()) {
      for (const version of entry.versions.values()) this.#lifecycle.withdraw(entry, version);
    }
    await this.#lifecycle.stop();
    for (const entry of [...this.#watchers.keys()]) this.#tellWatchers(entry);
  }

  #newEntry(name: string): ModelEntry {
    const entry = new ModelEntry(name);
    entry.suspended = this.#unloaded.delete(name);
    return entry;
  }

  /** Of the models only this one is looked at: each of thousands is synced more than once while they load. */
  #syncModel(entry: ModelEntry): void {
    if (this.#stopped) return;
    const found = this.#options.source.models.get(entry.name);
    if (found === undefined) this.#synced.delete(entry);
    else this.#synced.set(entry, found);
    this.#noteProblem(entry, found && problemOf(found));
    if (found !== undefined) entry.config = { ...found.config, ...entry.override };
    const versions = found === undefined ? [] : wantedVersions({ ...found, config: entry.config });
    entry.suspendedVersions = entry.suspended ? versions.map(({ id }) => id.version) : [];
    entry.wanted = (entry.suspended ? [] : versions).map((version) => ({
      ...version,
      target: `${version.fingerprint} ${settingsFingerprint(entry.config)}`,
    }));
    for (let done = false; !done; ) done = !this.#step(entry);
    const isGone = found === undefined && entry.versions.size === 0;
    if (isGone && this.models.get(entry.name) === entry) this.models.delete(entry.name);
    this.#tellWatchers(entry);
  }

  #noteProblem(entry: ModelEntry, problem: string | undefined): void {
    if (entry.problem === problem) return;
    entry.problem = problem;
    this.#options.observer.modelProblemChanged({ name: entry.name, ...(problem === undefined ? {} : { problem }) });
  }

  /** Takes one step towards what is wanted; false when there is none. */
  #step(entry: ModelEntry): boolean {
    const wanted = entry.wanted.map(({ id, target }) => ({ version: id.version, fingerprint: target }));
    const action = reconcile(wanted, entry.situation());
    if (action === undefined) return false;
    const version = entry.versionEntry(action.version);
    switch (action.kind) {
      case 'load':
        this.#lifecycle.load(entry, version);
        return true;
      case 'unload':
        this.#lifecycle.withdraw(entry, version);
        return true;
      case 'forget':
        version.failed = undefined;
        if (version.unloading > 0) return false;
        entry.versions.delete(action.version);
        return true;
    }
  }

  #tellWatchers(entry: ModelEntry): void {
    const watchers = this.#watchers.get(entry) ?? [];
    this.#watchers.delete(entry);
    for (const watcher of watchers) watcher();
  }
}

/** What an operator asked of a model. */
type Wish = Pick<ModelEntry, 'override' | 'suspended'>;

/** What failed before is tried again. */
function want(entry: ModelEntry, wish: Wish): void {
  Object.assign(entry, wish);
  for (const version of entry.versions.values()) version.failed = undefined;
}

/** Settings that a running servable cannot take over: a change reloads it, beside the old one. */
function settingsFingerprint({ versionPolicy, labels, description, ...servable }: ModelConfig): string {
  return JSON.stringify(servable);
}
