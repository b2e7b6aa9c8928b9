import type { CompletionHandler, InferenceResponse } from '../core/inference.js';
import type { ModelVersionId } from '../core/model.js';
import type { ScheduledResult } from '../scheduling/scheduled-request.js';
import type { StatisticsRecorder } from './servable-statistics.js';

/** Counts how an inference ends, and tells who asked for it. */
export class RecordedInference implements CompletionHandler<ScheduledResult> {
  readonly #id: ModelVersionId;
  readonly #statistics: StatisticsRecorder;
  readonly #handler: CompletionHandler<InferenceResponse>;
  readonly #startedAtMs = performance.now();

  constructor(id: ModelVersionId, statistics: StatisticsRecorder, handler: CompletionHandler<InferenceResponse>) {
    this.#id = id;
    this.#statistics = statistics;
    this.#handler = handler;
  }

  completed({ outputs, rows, batchRows, timings }: ScheduledResult): void {
    this.#statistics.succeeded(rows, timings, performance.now() - this.#startedAtMs);
    this.#handler.completed({ id: this.#id, outputs, rows, batchRows, timings });
  }

  failed(error: unknown): void {
    this.#statistics.failed(performance.now() - this.#startedAtMs);
    this.#handler.failed(error);
  }
}
