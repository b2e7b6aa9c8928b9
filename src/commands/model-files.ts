import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { modelSettingsParsers } from '../config/model-settings-texts.js';
import type { ModelSource, PrepareModel } from '../core/model-source.js';
import { PinnedCopies } from '../onnx/pinned-copies.js';
import { UploadedModels } from '../sources/folder/uploaded-models.js';
import { prepareServedModel } from './prepare-served-model.js';
import { temporaryFolder } from './temporary-folder.js';

/** Model files beyond these limits have to stay where they are for as long as they serve. */
const pinnedLimits = { largestBytes: 64 * 2 ** 20, totalBytes: 512 * 2 ** 20 };

export interface ModelFilesOptions {
  readonly config: Pick<Config, 'cacheDirectory'>;
  readonly source: ModelSource;
  /** Whether model files may come with a request to load. */
  readonly takesUploads: boolean;
}

/** A server's temporary folder, and what is made there of models: rewritten and pinned copies, files that came with a request. */
export class ModelFiles {
  readonly uploads: UploadedModels | undefined;
  readonly #options: ModelFilesOptions;
  #directory: string | undefined;
  #pinnedCopies: PinnedCopies | undefined;

  constructor(options: ModelFilesOptions) {
    this.#options = options;
    if (!options.takesUploads) return;
    this.uploads = new UploadedModels({
      source: options.source,
      directory: () => join(this.#folder, 'uploads'),
      settings: modelSettingsParsers,
    });
  }

  /** Makes the folder; resolves with its path. */
  async open(): Promise<string> {
    this.#directory = await temporaryFolder('slipway-');
    this.#pinnedCopies = new PinnedCopies({ directory: join(this.#directory, 'kept'), ...pinnedLimits });
    return this.#directory;
  }

  async remove(): Promise<void> {
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }

  readonly prepare: PrepareModel = async (modelPath, config) => {
    const { cacheDirectory } = this.#options.config;
    return prepareServedModel(modelPath, config, {
      cacheDirectory: resolve(cacheDirectory ?? join(this.#folder, 'rewritten')),
      ...(this.#pinnedCopies && { pinnedCopies: this.#pinnedCopies }),
      mayLeadTo: this.boundsOf(modelPath),
    });
  };

  get #folder(): string {
    return this.#directory ?? tmpdir();
  }

  /** Folders that links beside a model's file may lead to. Files that came with a request have nothing to do with any others. */
  boundsOf(modelPath: string): readonly string[] {
    const upload = this.uploads?.folderOf(modelPath);
    if (upload !== undefined) return [upload];
    return this.#options.source.linksMayLeadTo ?? [dirname(modelPath)];
  }
}
