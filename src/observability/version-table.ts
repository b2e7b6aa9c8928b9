import type { ModelVersionId } from '../core/model.js';

export interface VersionTableOptions<Entry> {
  readonly open: (id: ModelVersionId) => Entry;
  readonly close: (entry: Entry) => void;
  /** How long a retired entry stays. */
  readonly keepMs: number;
  readonly now: () => number;
}

interface Row<Entry> {
  readonly entry: Entry;
  retiredAt?: number;
}

/**
 * One entry a loaded version. An unloaded version's entry stays a while: what it counted last is still to be scraped,
 * and a version that comes back at once goes on counting where it was.
 */
export class VersionTable<Entry> {
  readonly #options: VersionTableOptions<Entry>;
  readonly #models = new Map<string, Map<number, Row<Entry>>>();

  constructor(options: VersionTableOptions<Entry>) {
    this.#options = options;
  }

  /** The version's entry, made when there is none; it stays until it is retired. */
  open(id: ModelVersionId): Entry {
    const versions = this.#models.get(id.name) ?? new Map<number, Row<Entry>>();
    this.#models.set(id.name, versions);
    const entry = versions.get(id.version)?.entry ?? this.#options.open(id);
    versions.set(id.version, { entry });
    return entry;
  }

  find(id: ModelVersionId): Entry | undefined {
    return this.#models.get(id.name)?.get(id.version)?.entry;
  }

  retire(id: ModelVersionId): void {
    const row = this.#models.get(id.name)?.get(id.version);
    if (row) row.retiredAt ??= this.#options.now();
  }

  /** Closes what was retired long enough ago. */
  sweep(): void {
    const before = this.#options.now() - this.#options.keepMs;
    for (const [name, versions] of this.#models) {
      for (const [version, { entry, retiredAt }] of versions) {
        if (retiredAt === undefined || retiredAt > before) continue;
        versions.delete(version);
        this.#options.close(entry);
      }
      if (versions.size === 0) this.#models.delete(name);
    }
  }
}
