import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { FrontSupervisor } from '../fronts/front-supervisor.js';
import { displayedOrigin } from './displayed-origin.js';
import { stopSignal } from './stop-signal.js';

export interface ServeFrontsOptions {
  readonly config: Config;
  readonly fronts: number;
  readonly logger: Logger;
  readonly version: string;
}

/** Serves from several front processes until SIGTERM or SIGINT; resolves with the exit code. */
export async function serveFronts({ config, fronts, logger, version }: ServeFrontsOptions): Promise<number> {
  const program = fileURLToPath(new URL('./front-main.js', import.meta.url));
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'slipway-'));
  const supervisor = new FrontSupervisor({
    config,
    fronts,
    version,
    program,
    temporaryFolder,
    logger,
    mergeDeparted: async (left, before) =>
      (await import('../observability/merge-metrics.js')).departedMetrics(left, before),
  });
  const asked = stopSignal(() => supervisor.kill());
  let isClean = false;
  try {
    const address = await supervisor.start();
    const facts = { address, models: config.models, cores: config.cores, fronts };
    logger.info(facts, `slipway ${version} listens at ${displayedOrigin(address)} with ${fronts} fronts`);
    const signal = await asked;
    logger.info({ signal }, `${signal}: finishing what was taken`);
  } finally {
    isClean = await supervisor.stop();
    await rm(temporaryFolder, { recursive: true, force: true });
  }
  logger.info('stopped');
  return isClean ? 0 : 1;
}
