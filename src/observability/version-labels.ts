import type { Labels } from './metric-families.js';

/** Labels that are the same object at each scrape, so that their text is made once. */
export class VersionLabels {
  #labels = new Map<string, Labels<string>>();
  /** Asked for before the last `sweep`. */
  #before = new Map<string, Labels<string>>();

  of(model: string): Labels<'model'>;
  of(model: string, version: string): Labels<'model' | 'version'>;
  of(model: string, version: string, state: string): Labels<'model' | 'version' | 'state'>;
  of(model: string, version?: string, state?: string): Labels<string> {
    // No version and no state has a slash.
    const key = `${version}/${state}/${model}`;
    let labels = this.#labels.get(key);
    if (labels !== undefined) return labels;
    labels = this.#before.get(key) ?? {
      model,
      ...(version !== undefined && { version }),
      ...(state !== undefined && { state }),
    };
    this.#labels.set(key, labels);
    return labels;
  }

  /** Forgets what was not asked for since the last call. */
  sweep(): void {
    this.#before = this.#labels;
    this.#labels = new Map();
  }
}
