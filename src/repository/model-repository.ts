import { setTimeout as delay } from 'node:timers/promises';
import type { FoundModel } from '../core/model-source.js';
import type { ParseModelConfig } from './applied-config.js';
import { isMissedYet, type KnownModel, lookAgain } from './known-model.js';
import { readRepository, readSingleModel } from './read-repository.js';
import type { Patience } from './watched.js';

export interface ModelRepositoryOptions {
  /** Absolute path. */
  readonly directory: string;
  /** Serves the directory itself as one model of this name. */
  readonly modelName?: string | undefined;
  /** 0: it is looked at only when asked to, and what lies there then is taken to be complete. */
  readonly pollIntervalMs: number;
  readonly parseModelConfig: ParseModelConfig;
  /** Hears once of everything that no model in `models` has as its problem, and again after it had gone. */
  readonly onProblem?: (problem: string) => void;
  /** Wall-clock time, to compare with the dates of files. */
  readonly now?: () => number;
}

/** A copy that has not changed for this long is complete. */
const quietMs = 250;
/** What was last changed longer ago is complete at first sight. */
const ageMs = 2000;
/** How often the start looks again at what may be half copied before it leaves that to the polls. */
const patientLooks = 4;

/**
 * The models that lie in a folder, followed by looking again and again: no file system's change events work on
 * network file systems, bind mounts and mounted ConfigMaps alike.
 */
export class ModelRepository {
  readonly #options: ModelRepositoryOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #stopping = new AbortController();
  #known: ReadonlyMap<string, KnownModel> = new Map();
  /** Since when known models have not been seen. */
  #missing: ReadonlyMap<string, number> = new Map();
  #models: ReadonlyMap<string, FoundModel> = new Map();
  #reported: ReadonlySet<string> = new Set();
  #lastLook: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | undefined;
  /** How long the last look took. */
  #lookMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ModelRepositoryOptions) {
    this.#options = options;
  }

  /** By name, in order. A new map after every change; a model that did not change is the same object in it. */
  get models(): ReadonlyMap<string, FoundModel> {
    return this.#models;
  }

  /** Called after every change to `models`; must not throw. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves after the first look, and a few more where files were changing. Rejects when the folder cannot be read. */
  async start(): Promise<void> {
    await this.#look();
    for (let looks = 0; looks < patientLooks && !this.#isSettled && !this.#stopping.signal.aborted; looks++) {
      await delay(quietMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      await this.rescan();
    }
    if (this.#options.pollIntervalMs > 0) this.#poll();
  }

  /**
   * Looks once more; resolves when everything that lay in the folder at the time of the call has been seen.
   * A folder that cannot be read leaves the models as they were.
   */
  rescan(): Promise<void> {
    return this.#look().catch((error: Error) => this.#report([...this.#reported, folderProblem(error)]));
  }

  /** No further looks and no further calls of listeners. */
  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
  }

  get #isSettled(): boolean {
    return [...this.#known.values()].every((model) => model.isSettled);
  }

  #poll(): void {
    if (this.#stopping.signal.aborted) return;
    // A chain, not an interval: looks at a slow file system must not pile up, nor take up more than a tenth of the time.
    const pauseMs = Math.max(this.#options.pollIntervalMs, 10 * this.#lookMs);
    this.#timer = setTimeout(() => void this.rescan().then(() => this.#poll()), pauseMs).unref();
  }

  /** One look at a time. The one under way may have passed what has just changed: whoever asks waits for the next. */
  #look(): Promise<void> {
    this.#nextLook ??= this.#lastLook.then(() => {
      this.#nextLook = undefined;
      const look = this.#lookOnce();
      this.#lastLook = look.catch(() => undefined);
      return look;
    });
    return this.#nextLook;
  }

  async #lookOnce(): Promise<void> {
    const { directory, modelName, now = Date.now, pollIntervalMs, parseModelConfig } = this.#options;
    const nowMs = now();
    const startedMs = performance.now();
    const seen =
      modelName === undefined ? await readRepository(directory) : await readSingleModel(directory, modelName);
    const patience = { nowMs, ageMs, quietMs: pollIntervalMs > 0 ? quietMs : 0 };
    const known = new Map<string, KnownModel>();
    for (const sighting of seen.models) {
      const previous = this.#known.get(sighting.name);
      known.set(sighting.name, await lookAgain(previous, sighting, patience, parseModelConfig));
    }
    this.#keepMissed(known, patience);
    this.#known = known;
    this.#lookMs = performance.now() - startedMs;
    this.#report(seen.problems);
    this.#publish();
  }

  /** A model that was moved away for its successor to be moved in must not be unloaded in between. */
  #keepMissed(known: Map<string, KnownModel>, patience: Patience): void {
    const missing = new Map<string, number>();
    for (const [name, previous] of this.#known) {
      const sinceMs = this.#missing.get(name) ?? patience.nowMs;
      if (known.has(name) || !isMissedYet(sinceMs, patience)) continue;
      missing.set(name, sinceMs);
      known.set(name, { ...previous, isSettled: false });
    }
    this.#missing = missing;
  }

  #publish(): void {
    const found = [...this.#known.values()].flatMap((model) => model.found ?? []);
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const isSame = found.length === this.#models.size && found.every((model) => this.#models.get(model.name) === model);
    if (isSame || this.#stopping.signal.aborted) return;
    this.#models = new Map(found.map((model) => [model.name, model]));
    for (const listener of this.#listeners) listener();
  }

  #report(problems: readonly string[]): void {
    const added = problems.filter((problem) => !this.#reported.has(problem));
    this.#reported = new Set(problems);
    for (const problem of added) this.#options.onProblem?.(problem);
  }
}

const folderProblem = (error: Error): string =>
  `the models folder cannot be looked at, its models stay as they were: ${error.message}`;
