import type { FoundModel } from '../../core/model-source.js';
import type { SettingsParsers } from './applied-settings.js';
import { afterScan, isMissedYet, type KnownModel } from './known-model.js';
import type { ScannedModel, UnreadableModel } from './scanned.js';
import type { StabilityWindow } from './stability-window.js';
import type { FolderScan } from './top-folder.js';

/** All that is remembered of a folder's models from one scan to the next. */
export class KnownModels {
  readonly #parsers: SettingsParsers;
  #models: ReadonlyMap<string, KnownModel> = new Map();
  /** What was last seen of them. */
  #scanned: ReadonlyMap<string, ScannedModel | UnreadableModel> = new Map();
  /** Since when known models have not been seen. */
  #missing: ReadonlyMap<string, number> = new Map();
  #isAtRest = false;

  constructor(parsers: SettingsParsers) {
    this.#parsers = parsers;
  }

  /** Whether another scan that sees the same would change nothing. */
  get isAtRest(): boolean {
    return this.#isAtRest;
  }

  /** Whether nothing of the model, or of any, is being copied. */
  isStable(name?: string): boolean {
    if (name !== undefined) return this.#models.get(name)?.isStable !== false;
    return [...this.#models.values()].every((model) => model.isStable);
  }

  /** What the world is told of them, by name in order. A model that did not change is the same object as before. */
  found(): readonly FoundModel[] {
    const found = [...this.#models.values()].flatMap((model) => model.found ?? []);
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Resolves with false where the scan says nothing new. */
  async takeOver(scan: FolderScan, window: StabilityWindow): Promise<boolean> {
    const models = new Map<string, KnownModel>();
    for (const scanned of scan.models) {
      const { name } = scanned;
      const previous = this.#models.get(name);
      const isAsBefore = previous?.isAtRest === true && this.#scanned.get(name) === scanned;
      models.set(name, isAsBefore ? previous : await afterScan(previous, scanned, window, this.#parsers));
    }
    this.#keepMissed(models, window);
    const isSame =
      models.size === this.#models.size && [...models].every(([name, model]) => this.#models.get(name) === model);
    this.#models = models;
    this.#scanned = new Map(scan.models.map((scanned) => [scanned.name, scanned]));
    this.#isAtRest = this.#missing.size === 0 && [...models.values()].every((model) => model.isAtRest);
    return !isSame;
  }

  /** A model that was moved away for its successor to be moved in must not be unloaded in between. */
  #keepMissed(models: Map<string, KnownModel>, window: StabilityWindow): void {
    const missing = new Map<string, number>();
    for (const [name, previous] of this.#models) {
      const sinceMs = this.#missing.get(name) ?? window.nowMs;
      if (models.has(name) || !isMissedYet(sinceMs, window)) continue;
      missing.set(name, sinceMs);
      models.set(name, { ...previous, isStable: false, isAtRest: false });
    }
    this.#missing = missing;
  }
}
