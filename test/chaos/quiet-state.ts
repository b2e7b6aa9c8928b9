import { readdirSync, readlinkSync } from 'node:fs';
import type { ServerProcess } from '../end-to-end/server-process.js';
import { MetricsPage } from './metrics-page.js';
import { getJson, oneShot } from './one-shot.js';

/** What must be the same before and after. */
export interface QuietState {
  readonly openFiles: number;
  readonly engines: number;
  /** What the server says of its engine sessions. */
  readonly instances: number;
  /** Requests that wait or are computed. */
  readonly unanswered: number;
}

/** Of threads, which come with work and go some time after it. */
const madeOfThreads = /^(anon_inode|pipe):/;

/** Files and sockets: every connection has one, and every engine process. */
export const openFiles = ({ child }: ServerProcess): number =>
  readdirSync(`/proc/${child.pid}/fd`).filter((fd) => !madeOfThreads.test(targetOf(`/proc/${child.pid}/fd/${fd}`)))
    .length;

/** Of a link; of one that is gone meanwhile, nothing. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

export const metricsOf = async ({ origin }: ServerProcess): Promise<MetricsPage> =>
  new MetricsPage((await oneShot('GET', `${origin}/metrics`)).text);

export const unanswered = (page: MetricsPage): number =>
  page.sum('slipway_queued_requests') + page.sum('slipway_in_flight_requests');

/** Resolves when every model has a version that serves, and nothing is being loaded or unloaded. */
export const everyModelServes = (server: ServerProcess): Promise<void> =>
  server.until(async () => {
    const { models } = (await getJson(`${server.origin}/v1/models`)) as { models: { name: string; state: string }[] };
    if (models.some(({ state }) => state !== 'AVAILABLE')) return false;
    for (const { name } of models) if (!(await isSettled(`${server.origin}/v1/models/${name}`))) return false;
    return true;
  }, 'serving every model');

async function isSettled(url: string): Promise<boolean> {
  const { model_version_status } = (await getJson(url)) as { model_version_status: { state: string }[] };
  return model_version_status.every(({ state }) => state === 'AVAILABLE');
}

/** The state once it is as the earlier one, or at least at rest; as it is after some seconds in any case. */
export async function quietState(server: ServerProcess, earlier?: QuietState): Promise<QuietState> {
  for (let turn = 0; ; turn++) {
    const page = await metricsOf(server);
    const state = {
      openFiles: openFiles(server),
      engines: server.enginePids().length,
      instances: page.sum('slipway_instances'),
      unanswered: unanswered(page),
    };
    const isAtRest = state.engines === state.instances && state.unanswered === 0;
    const isAsBefore = earlier === undefined || state.openFiles <= earlier.openFiles;
    if ((isAtRest && isAsBefore) || turn === 200) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
