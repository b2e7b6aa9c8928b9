import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { sampleCurl } from '../protocols/operations/welcome.js';
import { Service } from '../service.js';
import { displayedOrigin } from './displayed-origin.js';
import { setUpHeap } from './heap-settings.js';
import { servedLine } from './served-line.js';
import { stopSignal } from './stop-signal.js';

/** Serves from this process until SIGTERM or SIGINT; resolves with the exit code. */
export async function serveAlone(config: Config, logger: Logger, version: string): Promise<number> {
  setUpHeap();
  const service = new Service({ config, logger, version });
  const asked = stopSignal();
  const startedAtMs = performance.now();
  try {
    const address = await service.start();
    const origin = displayedOrigin(address);
    logger.info({ address, models: config.models, cores: config.cores }, `slipway ${version} listens at ${origin}`);
    const announced = service.settled().then(async (models) => {
      const durationMs = Math.round(performance.now() - startedAtMs);
      logger.info({ durationMs }, servedLine(models));
      logger.info(`try: ${await sampleCurl(service.registry, origin)}`);
    });
    const signal = await Promise.race([asked, announced.then(() => asked)]);
    logger.info({ signal }, `${signal}: finishing what was taken`);
  } finally {
    await service.stop();
  }
  logger.info('stopped');
  return 0;
}
