import type { Registry } from 'prom-client';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';
import type { ErrorCode } from '../core/serving-error.js';
import type { BatchFinished, RequestFinished, ServingObserver } from '../core/serving-observer.js';
import { CounterFamily, PulledGauge, SeriesScope } from './metric-families.js';
import type { ServableLoad } from './pulled-metrics.js';
import { type CounterSeries, SeriesBy, VersionTable } from './series.js';

const labelNames = ['model', 'version'] as const;

const microseconds = (milliseconds: number): number => Math.round(milliseconds * 1000);

type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND' | 'OTHER';

const failureReasons = {
  INVALID_ARGUMENT: 'OTHER',
  UNAUTHENTICATED: 'OTHER',
  PERMISSION_DENIED: 'OTHER',
  NOT_FOUND: 'OTHER',
  METHOD_NOT_ALLOWED: 'OTHER',
  CONFLICT: 'OTHER',
  PAYLOAD_TOO_LARGE: 'OTHER',
  UNSUPPORTED_MEDIA_TYPE: 'OTHER',
  RESOURCE_EXHAUSTED: 'REJECTED',
  CANCELED: 'CANCELED',
  INTERNAL: 'BACKEND',
  UNIMPLEMENTED: 'BACKEND',
  UNAVAILABLE: 'REJECTED',
  DEADLINE_EXCEEDED: 'REJECTED',
} as const satisfies Record<ErrorCode, FailureReason>;

function createFamilies(registry: Registry) {
  const counter = (name: string, help: string) => new CounterFamily({ registry, name, help, labelNames });
  return {
    success: counter('nv_inference_request_success', 'Number of successful inference requests, all batch sizes'),
    failure: new CounterFamily({
      registry,
      name: 'nv_inference_request_failure',
      help: 'Number of failed inference requests, all batch sizes',
      labelNames: [...labelNames, 'reason'],
    }),
    count: counter('nv_inference_count', 'Number of inferences performed'),
    executions: counter('nv_inference_exec_count', 'Number of model executions performed'),
    request: counter('nv_inference_request_duration_us', 'Cumulative inference request duration in microseconds'),
    queue: counter('nv_inference_queue_duration_us', 'Cumulative inference queuing duration in microseconds'),
    input: counter('nv_inference_compute_input_duration_us', 'Cumulative compute input duration in microseconds'),
    infer: counter('nv_inference_compute_infer_duration_us', 'Cumulative compute inference duration in microseconds'),
    output: counter('nv_inference_compute_output_duration_us', 'Cumulative compute output duration in microseconds'),
  };
}

class TritonVersion {
  readonly #scope = new SeriesScope();
  readonly success: CounterSeries;
  readonly failure: SeriesBy<FailureReason, CounterSeries>;
  readonly count: CounterSeries;
  readonly executions: CounterSeries;
  readonly request: CounterSeries;
  readonly queue: CounterSeries;
  readonly input: CounterSeries;
  readonly infer: CounterSeries;

  constructor(id: ModelVersionId, families: ReturnType<typeof createFamilies>) {
    const scope = this.#scope;
    const labels = { model: id.name, version: String(id.version) };
    this.success = scope.counter(families.success, labels);
    this.failure = new SeriesBy(
      (reason) => scope.counter(families.failure, { ...labels, reason }),
      ['REJECTED', 'CANCELED', 'BACKEND', 'OTHER'],
    );
    this.count = scope.counter(families.count, labels);
    this.executions = scope.counter(families.executions, labels);
    this.request = scope.counter(families.request, labels);
    this.queue = scope.counter(families.queue, labels);
    this.input = scope.counter(families.input, labels);
    this.infer = scope.counter(families.infer, labels);
    scope.counter(families.output, labels);
  }

  close(): void {
    this.#scope.close();
  }
}

export interface TritonMetricsOptions {
  readonly registry: Registry;
  /** Every loaded version. */
  readonly gauges: () => Iterable<ServableLoad>;
  readonly keepMs: number;
  readonly now: () => number;
}

/**
 * The per-model metrics of NVIDIA's Triton, under its names, for dashboards and autoscalers that know those. Durations
 * are microseconds, summed over the requests of a batch. What goes into and out of the engine is measured as one and
 * stands under `compute_input`; `compute_output` stays 0.
 */
export class TritonMetrics implements ServingObserver {
  readonly #versions: VersionTable<TritonVersion>;

  constructor({ registry, gauges, keepMs, now }: TritonMetricsOptions) {
    const families = createFamilies(registry);
    this.#versions = new VersionTable({
      open: (id) => new TritonVersion(id, families),
      close: (version) => version.close(),
      keepMs,
      now,
    });
    new PulledGauge({
      registry,
      name: 'nv_inference_pending_request_count',
      help: 'Instantaneous number of pending requests awaiting execution per-model.',
      labelNames,
      aggregator: 'sum',
      collect(add) {
        for (const { id, queuedRequests } of gauges())
          add({ model: id.name, version: String(id.version) }, queuedRequests);
      },
    });
  }

  versionStateChanged({ id, state }: { id: ModelVersionId; state: ModelVersionState }): void {
    if (state === 'END') this.#versions.retire(id);
    else this.#versions.open(id);
    this.#versions.sweep();
  }

  requestFinished({ id, code, durationMs }: RequestFinished): void {
    const version = id && this.#versions.find(id);
    if (!version) return;
    if (code !== 'OK') {
      version.failure.of(failureReasons[code]).value++;
      return;
    }
    version.success.value++;
    version.request.value += microseconds(durationMs);
  }

  batchFinished({ id, rows, requests, queueMs, batchMs, computeMs, outcome }: BatchFinished): void {
    const version = this.#versions.find(id);
    if (!version || outcome !== 'ok') return;
    version.executions.value++;
    version.count.value += rows;
    version.infer.value += microseconds(computeMs) * requests;
    version.input.value += microseconds(Math.max(0, batchMs - computeMs)) * requests;
    for (const waitedMs of queueMs) version.queue.value += microseconds(waitedMs);
  }
}
