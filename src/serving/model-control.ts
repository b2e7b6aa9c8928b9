import type { LoadOptions } from '../core/inference-service.js';
import type { ModelConfig } from '../core/model-config.js';
import { nearestName } from '../core/nearest-name.js';
import { ServingError } from '../core/serving-error.js';
import type { UploadedModels } from '../sources/folder/uploaded-models.js';
import type { ModelEntry } from './model-entry.js';
import type { ModelManager } from './model-manager.js';
import { findModel } from './router.js';

export interface ModelControlOptions {
  readonly manager: ModelManager;
  /** Reads settings that come with a load request; throws an Error that says what is wrong with them. */
  readonly parseOverride: (text: string, modelName: string, hasFiles: boolean) => LoadOverride;
  /** Takes files that come with one; absent where they are not taken. */
  readonly uploads?: UploadedModels;
}

/** Settings of a load request, and which of the files that came with it is the model. */
export interface LoadOverride {
  readonly config: Partial<ModelConfig>;
  readonly choice: Pick<ModelConfig, 'file' | 'variant'>;
}

/** Loads and unloads models when an operator asks for it. */
export class ModelControl {
  readonly #options: ModelControlOptions;
  /** By model, the last that was asked for: with uploads, which take each other's place, one thing is done after the other. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(options: ModelControlOptions) {
    this.#options = options;
  }

  /** See InferenceService. */
  async load(name: string, { config, files }: LoadOptions = {}): Promise<void> {
    const { uploads } = this.#options;
    if (files !== undefined && uploads === undefined)
      throw failed('UNIMPLEMENTED', name, 'this server takes no model files');
    if (files !== undefined && config === undefined)
      throw failed(
        'INVALID_ARGUMENT',
        name,
        "files come with parameters.config, the model's settings as a JSON text ({} will do)",
      );
    const override = config === undefined ? undefined : this.#readOverride(name, config, files !== undefined);
    if (uploads === undefined) return this.#load(name, override?.config);
    return this.#inTurn(name, () => this.#replace(uploads, name, override, files));
  }

  /** See InferenceService. */
  async unload(name: string): Promise<void> {
    const { manager, uploads } = this.#options;
    const unload = () => manager.unload(findModel(manager.models, { name }));
    if (uploads === undefined) return unload();
    return this.#inTurn(name, async () => {
      await unload();
      const upload = uploads.current(name);
      uploads.place(name, undefined);
      manager.sync();
      await upload?.remove();
    });
  }

  #inTurn(name: string, act: () => Promise<void>): Promise<void> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).catch(() => undefined).then(act);
    this.#last.set(name, turn);
    const forget = (): void => {
      if (this.#last.get(name) === turn) this.#last.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  }

  /** Loads from the files that came, or again from the repository. What stood there before stays where that fails. */
  async #replace(
    uploads: UploadedModels,
    name: string,
    override: LoadOverride | undefined,
    files: LoadOptions['files'],
  ): Promise<void> {
    const former = uploads.current(name);
    if (files === undefined && former !== undefined && !(await uploads.liesBelow(name)))
      throw failed('NOT_FOUND', name, 'its files came with a request, and no model of this name lies in the folder');
    const upload = files && (await prepared(uploads, { name, files, choice: override?.choice ?? {} }));
    if (upload === undefined && former === undefined) return this.#load(name, override?.config);
    uploads.place(name, upload);
    try {
      await this.#load(name, override?.config, () => uploads.place(name, former));
    } catch (error) {
      uploads.place(name, former);
      await upload?.remove();
      throw error;
    }
    // Nothing serves from it any more.
    await former?.remove();
  }

  async #load(name: string, override: Partial<ModelConfig> | undefined, goBack?: () => void): Promise<void> {
    const { manager } = this.#options;
    const { override: formerOverride, suspended = false } = manager.models.get(name) ?? {};
    const entry = await manager.load(name, override);
    if (entry === undefined) {
      const nearest = nearestName(name, manager.models.keys());
      const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
      throw failed('NOT_FOUND', name, `no model of this name lies in the folder${hint}`);
    }
    if (entry.isCurrent && entry.wanted.length > 0 && entry.problem === undefined) return;
    const why = reasonsOf(entry);
    const { awaitsFiles } = entry;
    goBack?.();
    if (override !== undefined || goBack !== undefined)
      await manager.restore(entry, { override: formerOverride, suspended });
    throw awaitsFiles ? failed('UNAVAILABLE', name, why) : failed('INVALID_ARGUMENT', name, why);
  }

  #readOverride(name: string, config: string, hasFiles: boolean): LoadOverride {
    try {
      return this.#options.parseOverride(config, name, hasFiles);
    } catch (error) {
      throw failed('INVALID_ARGUMENT', name, `config: ${(error as Error).message}`);
    }
  }
}

async function prepared(uploads: UploadedModels, upload: Parameters<UploadedModels['prepare']>[0]) {
  try {
    return await uploads.prepare(upload);
  } catch (error) {
    throw error instanceof ServingError ? failed(error.code, upload.name, error.message) : error;
  }
}

/** Why it does not serve as it should, and what does. */
function reasonsOf(entry: ModelEntry): string {
  const reasons = entry.statuses().map(({ version, reason }) => reason && `version ${version}: ${reason}`);
  const why = [entry.problem, ...reasons].filter(Boolean).join('; ') || 'it has no version';
  const serving = entry.servingVersions();
  return serving.length === 0 ? why : `${why}; what served before goes on (version ${serving.join(', ')})`;
}

/** In words that clients of Triton look for. */
const failed = (code: ServingError['code'], name: string, why: string): ServingError =>
  new ServingError(code, `failed to load '${name}', ${why}`, code === 'UNAVAILABLE' ? { retryAfterSeconds: 1 } : {});
