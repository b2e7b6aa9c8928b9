import type { Registry } from 'prom-client';
import type { ModelVersionId } from '../core/model.js';
import type { ErrorCode } from '../core/serving-error.js';
import type { RequestFinished, ServingObserver } from '../core/serving-observer.js';
import { CounterFamily, HistogramFamily } from './metric-families.js';
import { type CounterSeries, type HistogramSeries, SeriesBy } from './series.js';

/** Microseconds: 33 bounds from 10, each 1.8 times the one before. */
const latencyBounds = Array.from({ length: 33 }, (_, index) => Number((10 * 1.8 ** index).toPrecision(6)));

const statuses = {
  OK: 'OK',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  PERMISSION_DENIED: 'PERMISSION_DENIED',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_ALLOWED: 'INVALID_ARGUMENT',
  CONFLICT: 'FAILED_PRECONDITION',
  PAYLOAD_TOO_LARGE: 'INVALID_ARGUMENT',
  UNSUPPORTED_MEDIA_TYPE: 'INVALID_ARGUMENT',
  RESOURCE_EXHAUSTED: 'RESOURCE_EXHAUSTED',
  CANCELED: 'CANCELLED',
  INTERNAL: 'INTERNAL',
  UNIMPLEMENTED: 'UNIMPLEMENTED',
  UNAVAILABLE: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
} as const satisfies Record<ErrorCode | 'OK', string>;

interface ModelSeries {
  readonly statuses: SeriesBy<string, CounterSeries>;
  readonly latencies: SeriesBy<string, HistogramSeries>;
}

/**
 * The request metrics of TensorFlow Serving, under its names. They know models, not versions, and a model's stay once it
 * has been loaded, as they do there.
 */
export class TensorFlowServingMetrics implements ServingObserver {
  readonly #models = new Map<string, ModelSeries>();
  readonly #open: (model_name: string) => ModelSeries;

  constructor(registry: Registry) {
    const requests = new CounterFamily({
      registry,
      name: ':tensorflow:serving:request_count',
      help: 'The total number of requests.',
      labelNames: ['model_name', 'status'],
    });
    const latency = new HistogramFamily({
      registry,
      name: ':tensorflow:serving:request_latency',
      help: 'Distribution of wall time (in microseconds) for a request.',
      labelNames: ['model_name', 'API', 'entrypoint'],
      bounds: latencyBounds,
    });
    this.#open = (model_name) => ({
      statuses: new SeriesBy((status) => requests.open({ model_name, status }), ['OK']),
      latencies: new SeriesBy((entrypoint) => latency.open({ model_name, API: 'predict', entrypoint }), ['REST']),
    });
  }

  versionLoaded({ id }: { id: ModelVersionId }): void {
    if (!this.#models.has(id.name)) this.#models.set(id.name, this.#open(id.name));
  }

  requestFinished({ id, protocol, code, durationMs }: RequestFinished): void {
    const model = id && this.#models.get(id.name);
    if (!model) return;
    model.statuses.of(statuses[code]).value++;
    model.latencies.of(protocol === 'grpc' ? 'GRPC' : 'REST').observe(durationMs * 1000);
  }
}
