import { performance } from 'node:perf_hooks';
import type { ModelVersionId } from '../core/model.js';
import type { Demand } from '../core/servable.js';

/** What a version asks of the server. */
export interface VersionDemand {
  readonly id: ModelVersionId;
  readonly demand: Demand;
  /** Cores that its instances keep busy when it is full. */
  readonly cores: number;
}

export interface ServerDemand {
  readonly versions: readonly VersionDemand[];
  /** Cores that the server may use. */
  readonly cores: number;
  /** Share of the time in which the event loop had work, 0 to 1. */
  readonly eventLoop: number;
}

/** Offered ÷ capacity: full at 1. 0 while no run was measured. */
export function saturationOf({ offeredRowsPerSecond, capacityRowsPerSecond }: Demand): number {
  return capacityRowsPerSecond === undefined ? 0 : offeredRowsPerSecond / capacityRowsPerSecond;
}

/** Of each model, that of its fullest version. */
export function saturationByModel(versions: readonly VersionDemand[]): ReadonlyMap<string, number> {
  const models = new Map<string, number>();
  for (const { id, demand } of versions) models.set(id.name, Math.max(models.get(id.name) ?? 0, saturationOf(demand)));
  return models;
}

/**
 * How full the server is: as its fullest part. That is a model whose instances are all busy, the cores that all models
 * share, or the event loop, which small requests fill long before the engine is.
 */
export function serverSaturation({ versions, cores, eventLoop }: ServerDemand): number {
  let fullest = eventLoop;
  let busyCores = 0;
  for (const { demand, cores: ownCores } of versions) {
    const saturation = saturationOf(demand);
    fullest = Math.max(fullest, saturation);
    busyCores += saturation * ownCores;
  }
  return Math.max(fullest, busyCores / Math.max(1, cores));
}

/** Servers of this size that the load wants, each to be as full as `target`: added up over the servers, how many there should be. */
export const replicasWanted = (saturation: number, target: number): number => saturation / target;

/** Share of the time in which the event loop had work, as an average that forgets as the rates of `Demand` do. */
export class EventLoopShare {
  readonly #halfLifeMs = 20_000;
  #last = performance.eventLoopUtilization();
  #lastAtMs = performance.now();
  #share = 0;

  /** However often it is asked for. */
  get share(): number {
    const nowMs = performance.now();
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    const kept = 2 ** (-(nowMs - this.#lastAtMs) / this.#halfLifeMs);
    this.#share = this.#share * kept + utilization * (1 - kept);
    this.#last = now;
    this.#lastAtMs = nowMs;
    return this.#share;
  }
}
