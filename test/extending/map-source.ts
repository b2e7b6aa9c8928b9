import { defaultModelConfig, type ModelConfig } from '../../src/core/model-config.js';
import type { FoundModel, ModelSource } from '../../src/core/model-source.js';

/** Models that lie in a map: what is put there is served, what is removed is no longer. */
export class MapSource implements ModelSource {
  readonly name = 'a map';
  readonly models = new Map<string, FoundModel>();
  readonly opened = Promise.resolve();
  readonly hasBeenRead = true;
  readonly problem = undefined;
  #listeners: (() => void)[] = [];
  #puts = 0;

  /** `paths`: absolute ones of model files, by version. */
  put(name: string, paths: Readonly<Record<number, string>>, config: Partial<ModelConfig> = {}): void {
    const versions = Object.entries(paths).map(([version, modelPath]) => ({
      id: { name, version: Number(version) },
      modelPath,
      // Another one each time, so that what is put again is loaded again.
      fingerprint: `${++this.#puts}`,
    }));
    this.models.set(name, { name, versions, config: { ...defaultModelConfig, ...config } });
    this.#tell();
  }

  remove(name: string): void {
    if (this.models.delete(name)) this.#tell();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** What lies in a map is known at once. */
  async start(): Promise<void> {}

  async untilStable(): Promise<boolean> {
    return true;
  }

  stop(): void {
    this.#listeners = [];
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
