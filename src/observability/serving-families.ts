import type { Registry } from 'prom-client';
import type { BucketDetail } from './bucket-detail.js';
import { CounterFamily, GaugeFamily, HistogramFamily } from './metric-families.js';

/** Seconds: 100 µs to 10 s, at most a factor of 2.5 apart. */
export const durationBounds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

const rowBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

const versionLabels = ['model', 'version'] as const;

/** The metrics that are counted as things happen. */
export function createServingFamilies(registry: Registry, detail: () => BucketDetail) {
  const counter = <Name extends string>(name: string, help: string, labelNames: readonly Name[]) =>
    new CounterFamily({ registry, name, help, labelNames, detail });
  const duration = <Name extends string>(name: string, help: string, labelNames: readonly Name[]) =>
    new HistogramFamily({ registry, name, help, labelNames, bounds: durationBounds, detail });
  return {
    requests: counter(
      'slipway_requests_total',
      'Inference requests answered; model and version are empty where no loaded version answered.',
      [...versionLabels, 'protocol', 'code'],
    ),
    denied: counter('slipway_calls_denied_total', 'Calls of any kind that were not let in.', ['scope', 'code']),
    canceled: counter('slipway_requests_canceled_total', 'Requests whose caller went away before the answer.', [
      ...versionLabels,
      'where',
    ]),
    rows: counter('slipway_rows_total', 'Rows computed.', versionLabels),
    batches: counter('slipway_batches_total', 'Batches computed, by the reason they left the queue.', [
      ...versionLabels,
      'reason',
    ]),
    batchFailures: counter('slipway_batch_failures_total', 'Batches that were not computed, by cause.', [
      ...versionLabels,
      'cause',
    ]),
    batchingDisagreements: counter(
      'slipway_batching_disagreements_total',
      'Answers that showed that rows of a batched version influence each other; it is not batched any more.',
      versionLabels,
    ),
    goldenFailures: counter(
      'slipway_golden_failures_total',
      'Times that a version did not serve because of a golden request.',
      versionLabels,
    ),
    engineStarts: counter('slipway_engine_starts_total', 'Engine processes started.', versionLabels),
    engineRestarts: counter(
      'slipway_engine_restarts_total',
      'Engine processes started in place of one that ended unexpectedly.',
      versionLabels,
    ),
    engineExits: counter('slipway_engine_exits_total', 'Engine processes that ended; expected is true or false.', [
      ...versionLabels,
      'expected',
    ]),
    requestDuration: duration(
      'slipway_request_duration_seconds',
      'Time from the arrival of an inference request to its answer, failures included.',
      [...versionLabels, 'protocol'],
    ),
    queueDuration: duration(
      'slipway_queue_duration_seconds',
      'Time a request waited from being queued to being sent to an engine.',
      versionLabels,
    ),
    batchDuration: duration(
      'slipway_batch_duration_seconds',
      'Time from sending a batch to an engine to its answer.',
      versionLabels,
    ),
    computeDuration: duration('slipway_compute_duration_seconds', 'Time a batch ran inside the engine.', versionLabels),
    batchRows: new HistogramFamily({
      registry,
      name: 'slipway_batch_rows',
      help: 'Rows in a batch.',
      labelNames: versionLabels,
      bounds: rowBounds,
      detail,
    }),
    loadDuration: new GaugeFamily({
      registry,
      name: 'slipway_model_load_duration_seconds',
      help: 'Time the version took to load and warm up when it was last loaded.',
      labelNames: versionLabels,
      aggregator: 'max',
    }),
  };
}

export type ServingFamilies = ReturnType<typeof createServingFamilies>;
