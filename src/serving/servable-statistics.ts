import type { InferenceTimings } from '../core/inference.js';
import type { DurationTotal, ServableStatistics } from '../core/inference-service.js';
import type { ModelVersionId } from '../core/model.js';
import type { BatchFinished, ServingObserver } from '../core/serving-observer.js';

class Total implements DurationTotal {
  count = 0;
  totalMs = 0;

  add(ms: number, times = 1): void {
    this.count += times;
    this.totalMs += ms;
  }
}

/** What one loaded version did so far. */
export class StatisticsRecorder implements ServingObserver {
  #lastInferenceAt = 0;
  #rowCount = 0;
  #batchCount = 0;
  readonly #success = new Total();
  readonly #failure = new Total();
  readonly #queue = new Total();
  readonly #transfer = new Total();
  readonly #compute = new Total();
  readonly #batchSizes = new Map<number, Total>();

  batchFinished(event: BatchFinished): void {
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
