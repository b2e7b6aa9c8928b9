import { readdirSync, readlinkSync } from 'node:fs';
import { MetricsPage } from './metrics-page.js';
import { getJson, oneShot } from './one-shot.js';
import { commandLine } from './process-state.js';
import type { ServerProcess } from './server-process.js';

/** What must be the same before and after. */
export interface QuietState {
  readonly openFiles: number;
  readonly engines: number;
  /** Engine processes that no instance of their model lives in. */
  readonly strays: number;
  /** What the server says of its engine sessions. */
  readonly instances: number;
  /** Requests that wait or are computed. */
  readonly unanswered: number;
  /** JavaScript heap and buffers in use, once the garbage is gone. */
  readonly usedBytes: number;
}

/** Of caches that fill and code that is compiled while it becomes hot. */
export const growthAllowedBytes = 24 * 2 ** 20;

/** Of threads, which come with work and go some time after it. */
const madeOfThreads = /^(anon_inode|pipe):/;

/** Files and sockets: every connection has one, and every engine process. The handles of one listening socket are one. */
export function openFiles({ child }: ServerProcess): number {
  const targets = readdirSync(`/proc/${child.pid}/fd`).map((fd) => targetOf(`/proc/${child.pid}/fd/${fd}`));
  const counted = targets.filter((target) => !madeOfThreads.test(target));
  const sockets = counted.filter((target) => target.startsWith('socket:'));
  return counted.length - sockets.length + new Set(sockets).size;
}

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

/** Resolves when every model has a version that serves, and nothing is being loaded, unloaded or tried out. */
export const everyModelServes = (server: ServerProcess): Promise<void> =>
  server.until(async () => {
    const { models } = (await getJson(`${server.origin}/v1/models`)) as { models: { name: string; state: string }[] };
    // Before the folder was looked at none is known.
    if (models.length === 0 || models.some(({ state }) => state !== 'AVAILABLE')) return false;
    for (const { name } of models) {
      const url = `${server.origin}/v1/models/${name}`;
      if (!(await isSettled(url)) || !(await isProven(url))) return false;
    }
    return true;
  }, 'serving every model');

async function isSettled(url: string): Promise<boolean> {
  const { model_version_status } = (await getJson(url)) as { model_version_status: { state: string }[] };
  return model_version_status.every(({ state }) => state === 'AVAILABLE');
}

/** Whether made-up rows, which a proof holds, are no longer in the way. */
async function isProven(url: string): Promise<boolean> {
  const metadata = (await getJson(`${url}/metadata`)) as { model_info?: { batching?: { pending?: boolean } } };
  return metadata.model_info?.batching?.pending !== true;
}

/** The state once it is as the earlier one, or at least at rest; as it is after some seconds in any case. */
export async function quietState(server: ServerProcess, earlier?: QuietState): Promise<QuietState> {
  for (let turn = 0; ; turn++) {
    server.child.kill('SIGUSR2');
    const page = await metricsOf(server);
    const state = {
      openFiles: openFiles(server),
      engines: server.enginePids().length,
      strays: strayEngines(server, page),
      instances: page.sum('slipway_instances'),
      unanswered: unanswered(page),
      usedBytes: usedBytes(page),
    };
    const areAllUp = page.values('slipway_instances').every((instances) => instances > 0);
    const isAtRest = state.strays === 0 && state.unanswered === 0 && areAllUp;
    const isAsBefore =
      earlier === undefined ||
      (state.openFiles <= earlier.openFiles && state.usedBytes < earlier.usedBytes + growthAllowedBytes);
    if ((isAtRest && isAsBefore) || turn === 200) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const usedBytes = (page: MetricsPage): number =>
  page.sum('nodejs_heap_size_used_bytes') + page.sum('nodejs_external_memory_bytes');

/** By the label on their command line, such as `spin/1`; of those that models share it says nothing. */
function strayEngines(server: ServerProcess, page: MetricsPage): number {
  const instances = page.sumBy('slipway_instances', 'model');
  const counts = new Map<string, number>();
  for (const pid of server.enginePids()) {
    const label = commandLine(pid).find((part) => /^[^/]+\/\d+$/.test(part));
    const model = label?.split('/')[0];
    if (model !== undefined) counts.set(model, (counts.get(model) ?? 0) + 1);
  }
  return [...counts].reduce((sum, [model, count]) => sum + Math.max(0, count - (instances.get(model) ?? 0)), 0);
}
