import { type MetricFamily, mergeMetrics } from '../observability/merge-metrics.js';
import type { Fleet } from './fleet.js';

/** One page of all fronts' metrics. */
export class FleetMetrics {
  readonly contentType: string;
  readonly #fleet: Fleet;

  constructor({ contentType, fleet }: { contentType: string; fleet: Fleet }) {
    this.contentType = contentType;
    this.#fleet = fleet;
  }

  async render(): Promise<string> {
    const { answers } = await this.#fleet.ask({ kind: 'metrics' });
    // Made by `JSON.stringify` of what `PrometheusMetrics.families` gave, in a process of the same program.
    const pages = answers.map(({ front, value }) => ({ front, families: JSON.parse(value) as MetricFamily[] }));
    return mergeMetrics({
      fronts: pages.filter(({ front }) => front > 0),
      departed: pages.flatMap(({ front, families }) => (front === 0 ? families : [])),
    });
  }
}
