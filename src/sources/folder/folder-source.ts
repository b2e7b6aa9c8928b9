import { setTimeout as delay } from 'node:timers/promises';
import type { FoundModel, ModelSource } from '../../core/model-source.js';
import type { SettingsParsers } from './applied-settings.js';
import { FolderScanner } from './folder-scanner.js';
import { KnownModels } from './known-models.js';
import { type Hearers, ToldOnce } from './told-once.js';
import type { FolderScan, SoleFile } from './top-folder.js';

export interface FolderSourceOptions extends Hearers {
  /** Absolute path. */
  readonly directory: string;
  /** Serves the directory itself as one model of this name. */
  readonly modelName?: string | undefined;
  /** Serves only this file of the directory, with the settings and weights that lie beside it. */
  readonly sole?: SoleFile | undefined;
  /** Folders outside of the directory that links in it may lead to; absolute paths. */
  readonly allowLinksTo?: readonly string[];
  /** 0: it is scanned only when asked to, and what lies there then is taken to be complete. */
  readonly pollIntervalMs: number;
  /** Whether the folder may not be there yet: it is then looked for again and again. */
  readonly mayComeLater?: boolean;
  readonly settings: SettingsParsers;
  /** Wall-clock time, to compare with the dates of files. */
  readonly now?: () => number;
}

/** A copy that has not changed for this long is complete. */
const quietMs = 250;
/** What was last changed longer ago is complete at first sight. */
const ageMs = 2000;
/** How often the start scans again what may be half copied before it leaves that to the polls. */
const mostScans = 4;
/** How often it scans again what changes while somebody waits for it. */
const mostPatientScans = 40;
/** How often a folder is looked for that has not come yet. */
const arrivalPollMs = 500;

/**
 * The models that lie in a folder, scanned again and again: no file system's change events work on network file systems,
 * bind mounts and mounted ConfigMaps alike. Where they do, a scan costs next to nothing.
 */
export class FolderSource implements ModelSource {
  readonly #options: FolderSourceOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #stopping = new AbortController();
  readonly #scanner: FolderScanner;
  readonly #known: KnownModels;
  readonly #told: ToldOnce;
  #models: ReadonlyMap<string, FoundModel> = new Map();
  #lastSeen: FolderScan | undefined;
  #lastScan: Promise<void> = Promise.resolve();
  #nextScan: Promise<void> | undefined;
  /** Whether somebody waits to be told of all that lies there now. */
  #nextIsThorough = false;
  /** How long the last scan took. */
  #scanMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #identity: string | undefined;
  #opened: Promise<void> = Promise.resolve();
  #isOpened = false;
  #problem: string | undefined;

  constructor(options: FolderSourceOptions) {
    this.#options = options;
    const { directory, modelName, sole, allowLinksTo = [], pollIntervalMs } = options;
    this.#scanner = new FolderScanner({ directory, modelName, sole, allowLinksTo, watches: pollIntervalMs > 0 });
    this.#known = new KnownModels(options.settings);
    this.#told = new ToldOnce(options);
  }

  get name(): string {
    return `the models folder ${this.#options.directory}`;
  }

  get linksMayLeadTo(): readonly string[] {
    const { directory, allowLinksTo = [] } = this.#options;
    return [directory, ...allowLinksTo];
  }

  get models(): ReadonlyMap<string, FoundModel> {
    return this.#models;
  }

  /** Whether the folder could be scanned once, and what lay there at the start is known. */
  get hasBeenRead(): boolean {
    return this.#isOpened && this.#identity !== undefined;
  }

  get isOpening(): boolean {
    return !this.#isOpened;
  }

  get opened(): Promise<void> {
    return this.#opened;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Resolves after the first scan, and a few more where files were changing; earlier where the first one takes longer than
   * that: it goes on then. Rejects when the folder cannot be read, unless it may come later.
   */
  async start(longestScanMs = Number.POSITIVE_INFINITY): Promise<void> {
    const first = this.#options.mayComeLater === true ? this.rescan() : this.#scan(true);
    const isSeen = await doneWithin(first, longestScanMs);
    this.#opened = this.#open(isSeen ? first : first.catch((error) => this.#noteFailure(error)));
    if (isSeen) await this.#opened;
  }

  async #open(first: Promise<void>): Promise<void> {
    await first;
    for (let scans = 0; scans < mostScans && !this.#known.isStable() && !this.#stopping.signal.aborted; scans++) {
      await delay(quietMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      await this.rescan();
    }
    this.#isOpened = true;
    if (this.#options.pollIntervalMs > 0 || !this.hasBeenRead) this.#poll();
  }

  /**
   * Scans once, and again until nothing of the model is being copied. Resolves with false where it went on changing, and
   * where the folder cannot be scanned.
   */
  async untilStable(name: string): Promise<boolean> {
    await this.rescan();
    for (let scans = 0; !this.#known.isStable(name); scans++) {
      if (scans === mostPatientScans || this.#stopping.signal.aborted) return false;
      await delay(quietMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      await this.rescan();
    }
    return this.#problem === undefined;
  }

  /**
   * Scans once more; resolves when everything that lay in the folder at the time of the call has been seen.
   * A folder that cannot be read leaves the models as they were.
   */
  rescan(): Promise<void> {
    return this.#scanOrReport(true);
  }

  /** No further scans and no further calls of listeners. */
  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    void this.#lastScan.then(() => this.#scanner.close());
  }

  #poll(): void {
    if (this.#stopping.signal.aborted) return;
    // A chain, not an interval: scans of a slow file system must not pile up, nor take up more than a tenth of the time.
    const { pollIntervalMs } = this.#options;
    if (this.hasBeenRead && pollIntervalMs === 0) return;
    const intervalMs = this.hasBeenRead ? pollIntervalMs : Math.min(pollIntervalMs || arrivalPollMs, arrivalPollMs);
    const pauseMs = Math.max(intervalMs, 10 * this.#scanMs);
    this.#timer = setTimeout(() => void this.#scanOrReport(false).then(() => this.#poll()), pauseMs).unref();
  }

  /** One scan at a time. The one under way may have passed what has just changed: whoever asks waits for the next. */
  #scan(isThorough: boolean): Promise<void> {
    this.#nextIsThorough ||= isThorough;
    this.#nextScan ??= this.#lastScan.then(() => {
      this.#nextScan = undefined;
      const scan = this.#scanOnce(this.#nextIsThorough);
      this.#nextIsThorough = false;
      this.#lastScan = scan.catch(() => undefined);
      return scan;
    });
    return this.#nextScan;
  }

  #scanOrReport(isThorough: boolean): Promise<void> {
    return this.#scan(isThorough).catch((error: NodeJS.ErrnoException) => this.#noteFailure(error));
  }

  #noteFailure(error: NodeJS.ErrnoException): void {
    this.#problem = error.code ?? error.message;
    this.#told.anotherProblem(folderProblem(error));
  }

  async #scanOnce(isThorough: boolean): Promise<void> {
    const { now = Date.now, pollIntervalMs, onNote } = this.#options;
    const nowMs = now();
    const startedMs = performance.now();
    const seen = await this.#scanner.scan(isThorough);
    if (seen === this.#lastSeen && this.#known.isAtRest && this.#problem === undefined) {
      this.#scanMs = performance.now() - startedMs;
      return;
    }
    this.#requireSame(seen);
    const window = { nowMs, ageMs, quietMs: pollIntervalMs > 0 ? quietMs : 0 };
    const isNew = await this.#known.takeOver(seen, window);
    this.#lastSeen = seen;
    this.#scanMs = performance.now() - startedMs;
    if (this.#problem !== undefined) onNote?.('the models folder can be scanned again');
    this.#problem = undefined;
    const found = this.#known.found();
    this.#told.problems(seen.problems);
    this.#told.notes(seen.notes, found);
    if (isNew) this.#publish(found);
  }

  /** Where a mount is gone its place is an empty folder: that is not to say that somebody deleted every model. */
  #requireSame({ identity, isEmpty }: FolderScan): void {
    const isOther = this.#identity !== undefined && this.#identity !== identity;
    if (isOther && isEmpty && this.#models.size > 0) throw new Error('another folder is in its place, and it is empty');
    this.#identity = identity;
  }

  #publish(found: readonly FoundModel[]): void {
    const isSame = found.length === this.#models.size && found.every((model) => this.#models.get(model.name) === model);
    if (isSame || this.#stopping.signal.aborted) return;
    this.#models = new Map(found.map((model) => [model.name, model]));
    for (const listener of this.#listeners) listener();
  }
}

/** Rejects as the work does, within that time. */
async function doneWithin(work: Promise<void>, ms: number): Promise<boolean> {
  if (ms === Number.POSITIVE_INFINITY) return work.then(() => true);
  const waiting = new AbortController();
  const timeUp = delay(ms, false, { signal: waiting.signal }).catch(() => false);
  return Promise.race([work.then(() => true), timeUp]).finally(() => waiting.abort());
}

const folderProblem = ({ code, message }: NodeJS.ErrnoException): string =>
  `the models folder cannot be scanned, its models stay as they were: ${code ?? message}`;
