import { type MetricFamily, mergeMetrics } from '../observability/merge-metrics.js';
import type { Peers } from './peers.js';

/** One page of all workers' metrics. */
export class SharedMetrics {
  readonly contentType: string;
  readonly #peers: Peers;

  constructor({ contentType, peers }: { contentType: string; peers: Peers }) {
    this.contentType = contentType;
    this.#peers = peers;
  }

  render(): Promise<string> {
    return this.#merged(false);
  }

  renderOpenMetrics(): Promise<string> {
    return this.#merged(true);
  }

  async #merged(asOpenMetrics: boolean): Promise<string> {
    const { results } = await this.#peers.ask({ kind: 'metrics' });
    // Made by `JSON.stringify` of what `PrometheusMetrics.families` gave, in a process of the same program.
    const pages = results.map(({ worker, value }) => ({ worker, families: JSON.parse(value) as MetricFamily[] }));
    return mergeMetrics({
      workers: pages.filter(({ worker }) => worker > 0),
      departed: pages.flatMap(({ worker, families }) => (worker === 0 ? families : [])),
      asOpenMetrics,
    });
  }
}
