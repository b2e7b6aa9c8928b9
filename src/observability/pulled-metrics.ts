import { Gauge, type Registry } from 'prom-client';
import type { ModelStatus } from '../core/inference-service.js';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';

/** What a loaded version holds at this moment. */
export interface ServableLoad {
  readonly id: ModelVersionId;
  readonly queuedRows: number;
  readonly queuedRequests: number;
  readonly inFlightRequests: number;
  readonly instances: number;
}

export interface MetricSources {
  /** Every loaded version. */
  readonly gauges: () => Iterable<ServableLoad>;
  /** Resident memory of each engine process, or of all those of a version. */
  readonly engineResidentBytes: () => Iterable<{ readonly id: ModelVersionId; readonly bytes: number }>;
  /** Every known model, whatever its state. */
  readonly models: () => Iterable<ModelStatus>;
  /** Whether a gateway should send requests here. */
  readonly ready: () => boolean;
}

const states = ['START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'] as const satisfies readonly ModelVersionState[];

const labelsOf = ({ name, version }: ModelVersionId) => ({ model: name, version: String(version) });

/** The metrics that are asked for when somebody scrapes, so that they are never behind the truth. */
export function registerPulledMetrics(registry: Registry, sources: MetricSources): void {
  const gauge = <Name extends string>(
    name: string,
    help: string,
    labelNames: readonly Name[],
    collect: (gauge: Gauge<Name>) => void,
    /** How several processes' values become one. */
    aggregator: 'sum' | 'min' | 'max' = 'sum',
  ) =>
    new Gauge<Name>({
      name,
      help,
      labelNames,
      aggregator,
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  const versionLabels = ['model', 'version'] as const;
  const load = (name: string, help: string, measure: (load: ServableLoad) => number) =>
    gauge(name, help, versionLabels, (metric) => {
      for (const servable of sources.gauges()) metric.set(labelsOf(servable.id), measure(servable));
    });

  load('slipway_queued_rows', 'Rows waiting for an engine.', ({ queuedRows }) => queuedRows);
  load('slipway_queued_requests', 'Requests waiting for an engine.', ({ queuedRequests }) => queuedRequests);
  load(
    'slipway_in_flight_requests',
    'Requests being computed by an engine.',
    ({ inFlightRequests }) => inFlightRequests,
  );
  load('slipway_instances', 'Sessions that are loaded and alive.', ({ instances }) => instances);

  gauge(
    'slipway_engine_resident_memory_bytes',
    'Resident memory of the engine processes of the version.',
    versionLabels,
    (metric) => {
      for (const { id, bytes } of sources.engineResidentBytes()) metric.inc(labelsOf(id), bytes);
    },
  );
  gauge(
    'slipway_model_state',
    'State of the version: 1 for the state it is in, 0 for the others.',
    [...versionLabels, 'state'],
    (metric) => {
      for (const { versions } of sources.models())
        for (const version of versions)
          for (const state of states) metric.set({ ...labelsOf(version), state }, version.state === state ? 1 : 0);
    },
    'max',
  );
  gauge(
    'slipway_model_problem',
    'Whether something is wrong with the version, or (without a version) with the model as a whole: 1 or 0. ' +
      'The reason is in the API and in the log.',
    versionLabels,
    (metric) => {
      for (const { name, versions, problem } of sources.models()) {
        if (problem !== undefined) metric.set({ model: name, version: '' }, 1);
        for (const version of versions) {
          metric.set(labelsOf(version), version.reason === undefined || version.isIntended === true ? 0 : 1);
        }
      }
    },
    'max',
  );
  gauge(
    'slipway_ready',
    'Whether the server is ready for requests: 1 or 0.',
    [],
    (metric) => metric.set(sources.ready() ? 1 : 0),
    'min',
  );
}
