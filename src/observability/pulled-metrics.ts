import type { Registry } from 'prom-client';
import type { ModelStatus } from '../core/inference-service.js';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';
import type { PreparationLoad } from '../core/preparation.js';
import type { BucketDetail } from './bucket-detail.js';
import { PulledGauge, type PulledGaugeOptions } from './metric-families.js';
import { replicasWanted, type ServerDemand, saturationByModel, serverSaturation } from './saturation.js';
import type { VersionLabels } from './version-labels.js';

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
  /** Of versions with a task. */
  readonly preparations?: () => Iterable<PreparationLoad>;
  /** Every known model, whatever its state. */
  readonly models: () => Iterable<ModelStatus>;
  /** What large answers hold, from the engine to callers that have taken them. */
  readonly heldResponseBytes?: () => number;
  /** Whether a gateway should send requests here. */
  readonly ready: () => boolean;
  /** How much is asked for, and how much could be done. */
  readonly demand: () => ServerDemand;
  /** How full a server should be; it is full at 1. */
  readonly targetSaturation: number;
}

const states = ['START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'] as const satisfies readonly ModelVersionState[];

export interface PulledMetricsOptions {
  readonly registry: Registry;
  readonly sources: MetricSources;
  readonly detail: () => BucketDetail;
  readonly labels: VersionLabels;
}

/** The metrics that are asked for when somebody scrapes, so that they are never behind the truth. */
export function registerPulledMetrics({ registry, sources, detail, labels }: PulledMetricsOptions): void {
  const labelsOf = ({ name, version }: ModelVersionId) => labels.of(name, String(version));
  /** Whether what is zero is left out: the page would be too long. */
  const isBrief = () => detail() === 'none';
  const gauge = <Name extends string>(
    name: string,
    help: string,
    labelNames: readonly Name[],
    collect: PulledGaugeOptions<Name>['collect'],
    /** How several processes' values become one. */
    aggregator: 'sum' | 'min' | 'max' | 'average' = 'sum',
  ) => new PulledGauge<Name>({ registry, name, help, labelNames, aggregator, collect });
  const versionLabels = ['model', 'version'] as const;
  const load = (name: string, help: string, measure: (load: ServableLoad) => number) =>
    gauge(name, help, versionLabels, (add) => {
      const brief = isBrief();
      for (const servable of sources.gauges()) {
        const value = measure(servable);
        if (value > 0 || !brief) add(labelsOf(servable.id), value);
      }
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
    (add) => {
      for (const { id, bytes } of sources.engineResidentBytes()) add(labelsOf(id), bytes);
    },
  );
  const preparation = (name: string, help: string, measure: (load: PreparationLoad) => number) =>
    gauge(name, help, versionLabels, (add) => {
      for (const load of sources.preparations?.() ?? []) add(labelsOf(load.id), measure(load));
    });
  preparation(
    'slipway_preparation_processes',
    'Preparation processes of the version that are loaded and alive.',
    ({ processes }) => processes,
  );
  preparation(
    'slipway_preparation_queued_requests',
    'Requests waiting for a preparation process.',
    ({ waiting }) => waiting,
  );
  gauge('slipway_held_response_bytes', 'Memory that large answers hold until callers have taken them.', [], (add) =>
    add({}, sources.heldResponseBytes?.() ?? 0),
  );
  gauge(
    'slipway_model_state',
    'State of the version: 1 for the state it is in, 0 for the others.',
    [...versionLabels, 'state'],
    (add) => {
      for (const { versions } of sources.models())
        for (const version of versions)
          for (const state of isBrief() ? [version.state] : states)
            add(labels.of(version.name, String(version.version), state), version.state === state ? 1 : 0);
    },
    'max',
  );
  gauge(
    'slipway_model_problem',
    'Whether something is wrong with the version, or (without a version) with the model as a whole: 1 or 0. ' +
      'The reason is in the API and in the log.',
    versionLabels,
    (add) => {
      for (const { name, versions, problem } of sources.models()) {
        if (problem !== undefined) add(labels.of(name, ''), 1);
        for (const version of versions) {
          add(labelsOf(version), version.reason === undefined || version.isIntended === true ? 0 : 1);
        }
      }
    },
    'max',
  );
  gauge(
    'slipway_ready',
    'Whether the server is ready for requests: 1 or 0.',
    [],
    (add) => add({}, sources.ready() ? 1 : 0),
    'min',
  );
  // Workers have equal parts of the cores, and connections are spread over them: each sees the server's load.
  gauge(
    'slipway_saturation',
    'Rows a second that are asked of the model, rejected ones included, by those that it can compute; full at 1.',
    ['model'],
    (add) => {
      for (const [model, saturation] of saturationByModel(sources.demand().versions)) add(labels.of(model), saturation);
    },
    'average',
  );
  gauge(
    'slipway_replicas_wanted',
    'Servers of this size that the load on this one wants: the sum over all of them is how many there should be.',
    [],
    (add) => add({}, replicasWanted(serverSaturation(sources.demand()), sources.targetSaturation)),
    'average',
  );
}
