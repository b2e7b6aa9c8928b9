import type { ModelSource } from '../core/model-source.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingEmitter } from '../core/serving-observer.js';
import { Limiter } from './limiter.js';
import { type ModelEntry, stateOf, type VersionEntry } from './model-entry.js';
import type { ServableLoader } from './servable-loader.js';
import type { ServedVersion } from './served-version.js';
import { failureOf, mayPass, reasonOf } from './version-failures.js';

export interface VersionLifecycleOptions {
  readonly source: Pick<ModelSource, 'untilStable'>;
  readonly loader: Pick<ServableLoader, 'load'>;
  readonly loadConcurrency: number;
  readonly observer: ServingEmitter;
  /** So many loads may be begun before `goOn`; default: any number. */
  readonly headStart?: number;
  /** Whether the source may be looked at unasked, to try again what failed for files that were not there. Default true. */
  readonly looksAgain?: boolean;
  /** Called after each change to one of the model's versions that may be a reason to take another step. */
  readonly onChanged: (entry: ModelEntry) => void;
}

/** Before what failed for files that were not there, or could not be read, is tried again; doubled each time. */
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** Takes single versions from their files to serving and back. Owns every servable; what is to be done others decide. */
export class VersionLifecycle {
  readonly #options: VersionLifecycleOptions;
  readonly #limiter: Limiter;
  readonly #retiring = new Set<Promise<void>>();
  readonly #loads = new Set<Promise<void>>();
  /** By what failed for something that may pass: how long it waits before the next attempt. */
  readonly #pausesMs = new WeakMap<VersionEntry, number>();
  #stopped = false;

  constructor(options: VersionLifecycleOptions) {
    this.#options = options;
    this.#limiter = new Limiter(options.loadConcurrency, options.headStart);
  }

  /** Loads may be begun without a limit other than that to those at the same time. */
  goOn(): void {
    this.#limiter.goOn();
  }

  /** Begins to load the version as it is wanted now; what serves of it goes on until the new content takes over. */
  load(entry: ModelEntry, version: VersionEntry): void {
    track(this.#loads, this.#load(entry, version));
  }

  /** Takes the version from requests, and ends it once those that hold it are answered. */
  withdraw(entry: ModelEntry, version: VersionEntry): void {
    const servable = version.serving?.servable;
    if (servable === undefined) return;
    version.serving = undefined;
    this.#retire(entry, version, servable);
    this.#announce(entry, version);
  }

  /** Resolves when nothing is being loaded any more. The engine was closed, so that no load goes on for long. */
  async loadsEnded(): Promise<void> {
    await Promise.all(this.#loads);
  }

  /** Begins nothing any more. Resolves when the last process of what was withdrawn has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#retiring);
  }

  async #load(entry: ModelEntry, version: VersionEntry): Promise<void> {
    const wanted = entry.wanted.find(({ id }) => id.version === version.version);
    if (wanted === undefined) return;
    const { target, ...found } = wanted;
    version.loading = target;
    version.loadStarted = false;
    this.#announce(entry, version);
    try {
      let servable: ServedVersion | undefined;
      let givenUp: ServingError | undefined;
      const onFailed = (reason: ServingError): void => {
        givenUp ??= reason;
        if (servable !== undefined) this.#giveUp(entry, version, servable, reason);
      };
      servable = await this.#limiter.run(() => {
        if (this.#stopped) throw new ServingError('UNAVAILABLE', 'the server is stopping');
        version.loadStarted = true;
        this.#announce(entry, version);
        return this.#options.loader.load(found, entry.config, onFailed);
      });
      if (givenUp !== undefined) {
        track(this.#retiring, servable.retire());
        throw givenUp;
      }
      this.#publish(entry, version, servable, target);
    } catch (error) {
      version.loading = undefined;
      version.failed = failureOf(entry, error, target);
      this.#announce(entry, version, { error });
      if (mayPass(error)) this.#tryAgainLater(entry, version, target);
    }
    this.#options.onChanged(entry);
  }

  /** The new content takes over before the old one is retired: no request finds nothing. */
  #publish(entry: ModelEntry, version: VersionEntry, servable: ServedVersion, fingerprint: string): void {
    const replaced = version.serving?.servable;
    version.loading = undefined;
    if (this.#stopped) {
      track(this.#retiring, servable.retire());
      return;
    }
    version.serving = { servable, fingerprint };
    this.#pausesMs.delete(version);
    version.failed = undefined;
    this.#announce(entry, version, { isReplaced: replaced !== undefined });
    if (replaced !== undefined) this.#retire(entry, version, replaced);
  }

  #retire(entry: ModelEntry, version: VersionEntry, servable: ServedVersion): void {
    version.unloading++;
    const done = servable.retire().finally(() => {
      version.unloading--;
      if (version.unloading === 0 && version.serving === undefined) this.#announce(entry, version);
      this.#options.onChanged(entry);
    });
    track(this.#retiring, done);
  }

  /**
   * The engine gave a serving version up. What it died of stays: the version is down until its files change or the operator
   * loads it again. Files that were away when its processes had to start again may come back.
   */
  #giveUp(entry: ModelEntry, version: VersionEntry, servable: ServedVersion, reason: ServingError): void {
    const { serving } = version;
    // What took its place is not to blame.
    if (serving?.servable !== servable) return;
    version.serving = undefined;
    version.failed = failureOf(entry, reason, serving.fingerprint);
    this.#retire(entry, version, serving.servable);
    this.#announce(entry, version, { error: reason });
    if (reason.retryAfterSeconds !== undefined) this.#tryAgainLater(entry, version, serving.fingerprint);
    this.#options.onChanged(entry);
  }

  /** Files that were away for a moment come back without having changed: nobody would tell. */
  #tryAgainLater(entry: ModelEntry, version: VersionEntry, target: string): void {
    const { source, onChanged, looksAgain = true } = this.#options;
    if (!looksAgain) return;
    const pauseMs = this.#pausesMs.get(version) ?? firstPauseMs;
    this.#pausesMs.set(version, Math.min(longestPauseMs, 2 * pauseMs));
    if (version.failed !== undefined) {
      version.failed = { ...version.failed, retryAfterSeconds: Math.ceil(pauseMs / 1000) };
    }
    const stands = (): boolean => !this.#stopped && version.failed?.fingerprint === target;
    const tryAgain = async (): Promise<void> => {
      if (!stands()) return;
      const isSeen = await source.untilStable(entry.name).catch(() => false);
      if (!stands()) return;
      if (!isSeen) return this.#tryAgainLater(entry, version, target);
      version.failed = undefined;
      onChanged(entry);
    };
    setTimeout(() => void tryAgain(), pauseMs).unref();
  }

  /** Says nothing where nothing changed that can be seen from outside: what serves does so while its successor loads. */
  #announce(entry: ModelEntry, version: VersionEntry, { error, isReplaced = false }: Announcement = {}): void {
    const state = stateOf(version);
    if (state === version.announced && error === undefined && !isReplaced) return;
    version.announced = state;
    this.#options.observer.versionStateChanged({
      id: { name: entry.name, version: version.version },
      state,
      ...(error === undefined ? {} : { reason: reasonOf(entry, error) }),
      ...(isReplaced && { isReplaced }),
    });
  }
}

interface Announcement {
  readonly error?: unknown;
  readonly isReplaced?: boolean;
}

/** Holds the promise in the set until it is settled, however that is. */
function track(pending: Set<Promise<void>>, promise: Promise<void>): void {
  const tracked = promise.catch(() => {}).finally(() => pending.delete(tracked));
  pending.add(tracked);
}
