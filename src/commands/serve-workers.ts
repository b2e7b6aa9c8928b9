import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { WorkerSupervisor } from '../workers/worker-supervisor.js';
import { listenersOf } from './listening.js';
import { displayedOrigin } from './start-messages.js';
import { stopSignal } from './stop-signal.js';
import { temporaryFolder } from './temporary-folder.js';

export interface ServeWorkersOptions {
  readonly config: Config;
  readonly workers: number;
  readonly logger: Logger;
  readonly version: string;
}

/** Serves from several worker processes until it is asked to stop; resolves with the exit code. */
export async function serveWorkers({ config, workers, logger, version }: ServeWorkersOptions): Promise<number> {
  const program = fileURLToPath(new URL('./worker-main.js', import.meta.url));
  const folder = await temporaryFolder('slipway-');
  const supervisor = new WorkerSupervisor({
    config,
    workers,
    listeners: listenersOf(config),
    version,
    program,
    temporaryFolder: folder,
    logger,
    mergeDeparted: async (left, before) =>
      (await import('../observability/merge-metrics.js')).departedMetrics(left, before),
  });
  const asked = stopSignal({ beforeKill: () => supervisor.kill() });
  let isClean = false;
  try {
    const { http: address = '', ...others } = Object.fromEntries(await supervisor.start());
    const facts = { address, ...others, models: config.models, cores: config.cores, workers };
    logger.info(facts, `slipway ${version} listens at ${displayedOrigin(address)} with ${workers} workers`);
    const signal = await asked;
    logger.info({ signal }, `${signal}: finishing what was taken`);
  } finally {
    isClean = await supervisor.stop();
    await rm(folder, { recursive: true, force: true });
  }
  logger.info('stopped');
  return isClean ? 0 : 1;
}
