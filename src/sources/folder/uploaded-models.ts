import { join, sep } from 'node:path';
import type { FoundModel, ModelSource } from '../../core/model-source.js';
import type { SettingsParsers } from './applied-settings.js';
import { type UploadedModel, type UploadOptions, uploadModel } from './uploaded-model.js';

export interface UploadedModelsOptions {
  readonly source: ModelSource;
  /** Where folders are made for them; asked for when one is. */
  readonly directory: () => string;
  readonly settings: SettingsParsers;
}

/**
 * The models of a source, and in front of them those whose files came with a request to load: one of these stands in the
 * place of the source's of the same name until it is taken away.
 */
export class UploadedModels {
  readonly #options: UploadedModelsOptions;
  readonly #uploads = new Map<string, UploadedModel>();
  /** Of the source, and with the uploads among them. */
  #known:
    | { readonly below: ReadonlyMap<string, FoundModel>; readonly all: ReadonlyMap<string, FoundModel> }
    | undefined;

  constructor(options: UploadedModelsOptions) {
    this.#options = options;
  }

  /** By name, in order. A new map after every change; a model that did not change is the same object in it. */
  get models(): ReadonlyMap<string, FoundModel> {
    const below = this.#options.source.models;
    if (this.#uploads.size === 0) return below;
    if (this.#known?.below !== below) {
      const all = new Map(below);
      for (const [name, { found }] of this.#uploads) all.set(name, found);
      this.#known = { below, all: new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1))) };
    }
    return this.#known.all;
  }

  get hasBeenRead(): boolean {
    return this.#options.source.hasBeenRead;
  }

  get isOpening(): boolean {
    return this.#options.source.isOpening === true;
  }

  get problem(): string | undefined {
    return this.#options.source.problem;
  }

  /** Tells of the source's changes only. */
  onChange(listener: () => void): void {
    this.#options.source.onChange(listener);
  }

  /** As the source's; what was uploaded lies still. */
  async untilStable(name: string): Promise<boolean> {
    return this.#uploads.has(name) || this.#options.source.untilStable(name);
  }

  /** Whether the source itself has a model of this name now. */
  async liesBelow(name: string): Promise<boolean> {
    await this.#options.source.untilStable(name);
    return this.#options.source.models.has(name);
  }

  /** Writes files that came; they stand for nothing yet. Rejects with a ServingError that says what is wrong with them. */
  prepare(upload: Pick<UploadOptions, 'name' | 'files' | 'choice'>): Promise<UploadedModel> {
    const { directory, settings } = this.#options;
    return uploadModel({ ...upload, directory: directory(), settings });
  }

  current(name: string): UploadedModel | undefined {
    return this.#uploads.get(name);
  }

  /** Puts the upload in the model's place, or takes away the one that is there. Removes nothing, and tells nobody. */
  place(name: string, upload: UploadedModel | undefined): void {
    if (this.#uploads.get(name) === upload) return;
    if (upload === undefined) this.#uploads.delete(name);
    else this.#uploads.set(name, upload);
    this.#known = undefined;
  }

  /** The folder of the upload that a model file belongs to. */
  folderOf(modelPath: string): string | undefined {
    const folders = join(this.#options.directory(), sep);
    if (!modelPath.startsWith(folders)) return undefined;
    return join(folders, modelPath.slice(folders.length).split(sep)[0] as string);
  }
}
