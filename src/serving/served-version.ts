import type { CompletionHandler, InferenceRequest, InferenceResponse, InferenceTimings } from '../core/inference.js';
import type { DurationTotal, ServableHandle, ServableStatistics } from '../core/inference-service.js';
import type { ModelVersionId, ServableDescription } from '../core/model.js';
import type { Inference, Servable, ServableFacts, ServableLoad } from '../core/servable.js';
import type { ServingError } from '../core/serving-error.js';
import type { BatchFinished, ServingObserver } from '../core/serving-observer.js';
import type { BatchedEngine } from './batched-engine.js';

export interface ServedVersionParts {
  readonly id: ModelVersionId;
  /** What answers requests: the engine's batches and the layers around them. */
  readonly servable: Servable;
  /** The innermost of them. */
  readonly engine: BatchedEngine;
  readonly statistics: StatisticsRecorder;
  /** Of each instance. */
  readonly threads: number;
}

/**
 * A loaded version as requests meet it: leases, early rejection and statistics are asked of it, whatever layers lie
 * inside. It ends once it is retired and its last lease was given back.
 */
export class ServedVersion {
  readonly id: ModelVersionId;
  readonly description: ServableFacts;
  readonly load: ServableLoad;
  /** For who examines the model itself. */
  readonly engine: BatchedEngine;
  /** Of each instance. */
  readonly threads: number;
  readonly #leased: Leased;

  constructor({ id, servable, engine, statistics, threads }: ServedVersionParts) {
    this.id = id;
    this.description = servable.description;
    this.load = servable.load;
    this.engine = engine;
    this.threads = threads;
    this.#leased = { id, servable, statistics, leases: 0, onIdle: undefined };
  }

  statistics(): ServableStatistics {
    return this.#leased.statistics.snapshot(this.id);
  }

  /** Keeps the version loaded until the lease is disposed of. */
  lease(description: ServableDescription): ServableHandle {
    this.#leased.leases++;
    return new Lease(this.#leased, description);
  }

  /** Waits for leases and requests, then ends the processes. Nobody may lease it any more when this is called. */
  async retire(): Promise<void> {
    if (this.#leased.leases > 0) {
      this.engine.stopProof();
      await new Promise<void>((resolve) => {
        this.#leased.onIdle = resolve;
      });
    }
    await this.#leased.servable.drain();
    await this.close();
  }

  /** Ends the processes now; what still runs fails. */
  close(): Promise<void> {
    return this.#leased.servable.close();
  }
}

/** What the leases of a version share. */
interface Leased extends Pick<ServedVersionParts, 'id' | 'servable' | 'statistics'> {
  leases: number;
  onIdle: (() => void) | undefined;
}

/** One request's lease: counts how its inference ends, and tells who asked for it. */
class Lease implements ServableHandle, CompletionHandler<Inference> {
  readonly description: ServableDescription;
  readonly #leased: Leased;
  #isHeld: boolean;
  #handler: CompletionHandler<InferenceResponse> | undefined;
  #startedAtMs = 0;

  constructor(leased: Leased, description: ServableDescription) {
    this.#leased = leased;
    this.description = description;
    this.#isHeld = true;
  }

  earlyRejection(): ServingError | undefined {
    const { servable, statistics } = this.#leased;
    const rejection = servable.load.rejection();
    if (rejection !== undefined) statistics.failed(0);
    return rejection;
  }

  infer(request: InferenceRequest, handler: CompletionHandler<InferenceResponse>): void {
    this.#handler = handler;
    this.#startedAtMs = performance.now();
    this.#leased.servable.infer(request, this);
  }

  completed({ outputs, rows, batchRows, timings, usage }: Inference): void {
    const { id, statistics } = this.#leased;
    statistics.succeeded(rows, timings, performance.now() - this.#startedAtMs);
    this.#handler?.completed({ id, outputs, rows, batchRows, timings, usage });
  }

  failed(error: unknown): void {
    this.#leased.statistics.failed(performance.now() - this.#startedAtMs);
    this.#handler?.failed(error);
  }

  [Symbol.dispose](): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (--this.#leased.leases === 0) this.#leased.onIdle?.();
  }
}

class Total implements DurationTotal {
  count = 0;
  totalMs = 0;

  add(ms: number, times = 1): void {
    this.count += times;
    this.totalMs += ms;
  }
}

/** When a batch was last computed; several versions may share one. */
export interface LastRun {
  /** `performance.now()`. */
  atMs: number;
}

/** What one loaded version did so far. */
export class StatisticsRecorder implements ServingObserver {
  #lastInferenceAt = 0;
  #rowCount = 0;
  #batchCount = 0;
  readonly #lastRun: LastRun;
  readonly #success = new Total();
  readonly #failure = new Total();
  readonly #queue = new Total();
  readonly #transfer = new Total();
  readonly #compute = new Total();
  readonly #batchSizes = new Map<number, Total>();

  constructor(lastRun: LastRun) {
    this.#lastRun = lastRun;
  }

  batchFinished(event: BatchFinished): void {
    this.#lastRun.atMs = performance.now();
    if (event.outcome !== 'ok') return;
    this.#batchCount++;
    const sizeTotal = this.#batchSizes.get(event.rows) ?? new Total();
    sizeTotal.add(event.computeMs);
    this.#batchSizes.set(event.rows, sizeTotal);
  }

  succeeded(rows: number, timings: InferenceTimings, durationMs: number): void {
    this.#lastInferenceAt = Date.now();
    this.#rowCount += rows;
    this.#success.add(durationMs);
    this.#queue.add(timings.queueMs);
    this.#compute.add(timings.computeMs);
    this.#transfer.add(Math.max(0, timings.batchMs - timings.computeMs));
  }

  failed(durationMs: number): void {
    this.#failure.add(durationMs);
  }

  snapshot(id: ModelVersionId): ServableStatistics {
    return {
      id,
      lastInferenceAt: this.#lastInferenceAt,
      rowCount: this.#rowCount,
      batchCount: this.#batchCount,
      success: { ...this.#success },
      failure: { ...this.#failure },
      queue: { ...this.#queue },
      transfer: { ...this.#transfer },
      compute: { ...this.#compute },
      batchSizes: [...this.#batchSizes]
        .sort(([a], [b]) => a - b)
        .map(([rows, compute]) => ({ rows, compute: { ...compute } })),
    };
  }
}
