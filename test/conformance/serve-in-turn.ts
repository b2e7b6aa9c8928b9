import type { ConformanceCase } from './corpus.js';
import type { Findings } from './report.js';
import { serveCases } from './serve-cases.js';

export interface ServeInTurnOptions {
  /** Models that one server serves at a time. */
  readonly modelsPerServer: number;
  readonly onProgress?: (done: number) => void;
}

/** Serves the cases' models in one server after another, so that memory stays bounded. */
export async function serveInTurn(
  cases: readonly ConformanceCase[],
  { modelsPerServer, onProgress }: ServeInTurnOptions,
): Promise<Findings> {
  const results = [];
  const engineDeaths = [];
  let lostWorkers = 0;
  for (let at = 0; at < cases.length; at += modelsPerServer) {
    const served = await serveCases(cases.slice(at, at + modelsPerServer));
    results.push(...served.results);
    engineDeaths.push(...served.engineDeaths);
    if (!served.workerSurvived) lostWorkers++;
    onProgress?.(results.length);
  }
  return { results, engineDeaths, lostWorkers };
}
