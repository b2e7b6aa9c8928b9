import type { ModelConfig } from '../core/model-config.js';
import type { FoundModel } from '../core/model-source.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { wantedVersions } from '../repository/version-policy.js';
import { Limiter } from './limiter.js';
import { ModelEntry, stateOf, type VersionEntry } from './model-entry.js';
import { reconcile } from './reconcile.js';
import type { Servable } from './servable.js';
import type { ServableLoader } from './servable-loader.js';

/** The models as they lie in the repository, kept current by their owner. */
export interface ModelSource {
  readonly models: ReadonlyMap<string, FoundModel>;
  onChange(listener: () => void): void;
  /** Looks again now. */
  rescan(): Promise<void>;
}

export interface ModelManagerOptions {
  readonly source: ModelSource;
  readonly loader: Pick<ServableLoader, 'load'>;
  readonly loadConcurrency: number;
  readonly observer: Required<ServingObserver>;
  /** Models that are not to be loaded until they are asked for. */
  readonly unloaded?: readonly string[];
}

/** Keeps what is loaded in step with what the repository holds. Decides by `reconcile`; owns every servable. */
export class ModelManager {
  readonly models = new Map<string, ModelEntry>();
  readonly #options: ModelManagerOptions;
  readonly #limiter: Limiter;
  readonly #unloaded: Set<string>;
  readonly #retiring = new Set<Promise<void>>();
  readonly #loads = new Set<Promise<void>>();
  readonly #watchers = new Set<() => void>();
  #stopped = false;

  constructor(options: ModelManagerOptions) {
    this.#options = options;
    this.#limiter = new Limiter(options.loadConcurrency);
    this.#unloaded = new Set(options.unloaded);
    options.source.onChange(() => this.sync());
  }

  /** Takes the repository's present state over and starts whatever it asks for. */
  sync(): void {
    if (this.#stopped) return;
    const { models } = this.#options.source;
    for (const name of models.keys()) if (!this.models.has(name)) this.models.set(name, this.#newEntry(name));
    for (const entry of this.models.values()) this.#syncModel(entry, models.get(entry.name));
    this.#changed();
  }

  /** Resolves when every wanted version of the model serves or has failed, and nothing of it is unloading. */
  async settled(entry: ModelEntry): Promise<void> {
    while (!this.#stopped && !isAtRest(entry)) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  /** Forgets failures, so that they are tried again, and loads what is wanted. */
  async load(entry: ModelEntry): Promise<void> {
    entry.suspended = false;
    for (const version of entry.versions.values()) version.failed = undefined;
    await this.lookAgain();
    await this.settled(entry);
  }

  /** Takes over what lies in the repository at this moment. */
  async lookAgain(): Promise<void> {
    await this.#options.source.rescan();
    this.sync();
  }

  async unload(entry: ModelEntry): Promise<void> {
    entry.suspended = true;
    this.sync();
    await this.settled(entry);
  }

  /** Resolves when nothing is being loaded any more. The engine was closed, so that no load goes on for long. */
  async loadsEnded(): Promise<void> {
    await Promise.all(this.#loads);
  }

  /** Retires everything that serves. Resolves when its last process has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const entry of this.models.values()) {
      for (const version of entry.versions.values()) this.#withdraw(entry, version);
    }
    await Promise.all(this.#retiring);
    this.#changed();
  }

  #newEntry(name: string): ModelEntry {
    const entry = new ModelEntry(name);
    entry.suspended = this.#unloaded.delete(name);
    return entry;
  }

  #syncModel(entry: ModelEntry, found: FoundModel | undefined): void {
    this.#noteProblem(entry, found?.problem);
    if (found !== undefined) entry.config = found.config;
    const versions = found === undefined ? [] : wantedVersions(found);
    entry.suspendedVersions = entry.suspended ? versions.map(({ id }) => id.version) : [];
    entry.wanted = (entry.suspended ? [] : versions).map((version) => ({
      ...version,
      target: `${version.fingerprint} ${settingsFingerprint(entry.config)}`,
    }));
    for (let done = false; !done; ) done = !this.#step(entry);
    if (found === undefined && entry.versions.size === 0) this.models.delete(entry.name);
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
        track(this.#loads, this.#load(entry, version));
        return true;
      case 'unload':
        this.#withdraw(entry, version);
        return true;
      case 'forget':
        version.failed = undefined;
        if (version.unloading > 0) return false;
        entry.versions.delete(action.version);
        return true;
    }
  }

  async #load(entry: ModelEntry, version: VersionEntry): Promise<void> {
    const wanted = entry.wanted.find(({ id }) => id.version === version.version);
    if (wanted === undefined) return;
    const { target, ...found } = wanted;
    version.loading = target;
    version.loadStarted = false;
    this.#announce(entry, version);
    try {
      const servable = await this.#limiter.run(() => {
        if (this.#stopped) throw new ServingError('UNAVAILABLE', 'the server is stopping');
        version.loadStarted = true;
        this.#announce(entry, version);
        const load = this.#options.loader.load(found, entry.config, (reason) => this.#giveUp(entry, version, reason));
        return load;
      });
      this.#publish(entry, version, servable, target);
    } catch (error) {
      version.loading = undefined;
      version.failed = { fingerprint: target, reason: reasonOf(error) };
      this.#announce(entry, version, error);
    }
    this.sync();
  }

  /** The new content takes over before the old one is retired: no request finds nothing. */
  #publish(entry: ModelEntry, version: VersionEntry, servable: Servable, fingerprint: string): void {
    const replaced = version.serving?.servable;
    version.loading = undefined;
    if (this.#stopped) {
      track(this.#retiring, servable.retire());
      return;
    }
    version.serving = { servable, fingerprint };
    version.failed = undefined;
    this.#announce(entry, version);
    if (replaced !== undefined) this.#retire(entry, version, replaced);
  }

  #withdraw(entry: ModelEntry, version: VersionEntry): void {
    const servable = version.serving?.servable;
    if (servable === undefined) return;
    version.serving = undefined;
    this.#retire(entry, version, servable);
    this.#announce(entry, version);
  }

  #retire(entry: ModelEntry, version: VersionEntry, servable: Servable): void {
    version.unloading++;
    const done = servable.retire().finally(() => {
      version.unloading--;
      if (version.unloading === 0 && version.serving === undefined) this.#announce(entry, version);
      this.sync();
      this.#changed();
    });
    track(this.#retiring, done);
  }

  /** The engine gave a serving version up: it stays down until its files change or the operator loads it again. */
  #giveUp(entry: ModelEntry, version: VersionEntry, reason: ServingError): void {
    const { serving } = version;
    if (serving === undefined) return;
    version.serving = undefined;
    version.failed = { fingerprint: serving.fingerprint, reason: reason.message };
    this.#retire(entry, version, serving.servable);
    this.#announce(entry, version, reason);
    this.#changed();
  }

  #announce(entry: ModelEntry, version: VersionEntry, error?: unknown): void {
    this.#options.observer.versionStateChanged({
      id: { name: entry.name, version: version.version },
      state: stateOf(version),
      ...(error === undefined ? {} : { reason: reasonOf(error) }),
    });
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Settings that a running servable cannot take over: a change reloads it, beside the old one. */
function settingsFingerprint({ versionPolicy, labels, description, ...servable }: ModelConfig): string {
  return JSON.stringify(servable);
}

const isAtRest = (entry: ModelEntry): boolean =>
  entry.isSettled &&
  [...entry.versions.values()].every((version) => version.loading === undefined && version.unloading === 0);

const reasonOf = (error: unknown): string =>
  error instanceof ServingError
    ? error.message
    : `unexpected failure: ${error instanceof Error ? error.message : error}`;

/** Holds the promise in the set until it settles, however it does. */
function track(pending: Set<Promise<void>>, promise: Promise<void>): void {
  const tracked = promise.catch(() => {}).finally(() => pending.delete(tracked));
  pending.add(tracked);
}
