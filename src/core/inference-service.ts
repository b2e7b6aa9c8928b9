import type { CompletionHandler, InferenceRequest, InferenceResponse } from './inference.js';
import type { ModelSelector, ModelVersionId, ModelVersionStatus, ServableDescription } from './model.js';
import type { ServingError } from './serving-error.js';

/** One request's lease on a loaded version: the version is not unloaded while a handle is held. */
export interface ServableHandle extends Disposable {
  readonly description: ServableDescription;
  /**
   * What a request gets that would be rejected whatever it brings, as from a full queue: to be asked before a message
   * is decoded. It then counts as failed. Undefined where requests are taken.
   */
  earlyRejection(): ServingError | undefined;
  /** Validates, queues, batches, runs. Fails with ServingError only. */
  infer(request: InferenceRequest, handler: CompletionHandler<InferenceResponse>): void;
}

/** Totals since the version was loaded. */
export interface DurationTotal {
  readonly count: number;
  readonly totalMs: number;
}

export interface BatchSizeStatistics {
  readonly rows: number;
  readonly compute: DurationTotal;
}

export interface ServableStatistics {
  readonly id: ModelVersionId;
  /** Unix time in milliseconds; 0 before the first. */
  readonly lastInferenceAt: number;
  /** Rows answered. */
  readonly rowCount: number;
  /** Runs of the engine. */
  readonly batchCount: number;
  readonly success: DurationTotal;
  readonly failure: DurationTotal;
  readonly queue: DurationTotal;
  /** Copying into and out of the engine, and the way there and back. */
  readonly transfer: DurationTotal;
  readonly compute: DurationTotal;
  readonly batchSizes: readonly BatchSizeStatistics[];
}

export interface ModelStatus {
  readonly name: string;
  /** Descending by version. */
  readonly versions: readonly ModelVersionStatus[];
  /** Why the model as a whole cannot be used (a broken `model.json`, say). */
  readonly problem?: string;
}

export interface LoadOptions {
  /**
   * JSON text of settings, as `model.json` or as Triton's model configuration has them, that count for more than the
   * model's own until it is loaded the next time. INVALID_ARGUMENT, and nothing changed, where it does not load with them.
   */
  readonly config?: string;
  /**
   * Files that stand in the place of the model in the folder, by their paths in it such as `1/model.onnx`, until it is loaded
   * the next time or unloaded. They come with `config`. UNIMPLEMENTED where they are not taken.
   */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

/** At once where this process knows it all; later where it has to ask others. */
export type Awaitable<T> = T | Promise<T>;

/** The one protocol-neutral door: everything a wire protocol may ask of the server. */
export interface InferenceService {
  /** Throws NOT_FOUND (with the nearest name) or UNAVAILABLE (with the reason). Dispose the handle once answered. */
  acquire(selector: ModelSelector): ServableHandle;
  /** Every known model, by name, whatever its state. */
  models(): Awaitable<readonly ModelStatus[]>;
  /** NOT_FOUND for an unknown model, version or label. */
  status(selector: ModelSelector): Awaitable<ModelStatus>;
  /** Of loaded versions; all of them when `selector` is absent. Fails as `acquire` does. */
  statistics(selector?: ModelSelector): Awaitable<readonly ServableStatistics[]>;
  /** Whether a gateway should send requests here. */
  readonly ready: Awaitable<boolean>;
  /**
   * Loads the wanted versions of the model as it lies in the folder at this moment (again, when they failed or were
   * unloaded). Resolves when they serve; rejects with the reason where one of them does not.
   */
  loadModel(name: string, options?: LoadOptions): Promise<void>;
  /** Stops serving the model until it is loaded again; resolves when its processes have ended. */
  unloadModel(name: string): Promise<void>;
}
