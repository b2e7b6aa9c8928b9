import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { shortestCurl } from '../protocols/operations/welcome.js';
import { Service } from '../service.js';
import { setUpHeap } from './heap-settings.js';
import { displayedOrigin, servedLine } from './start-messages.js';
import { stopSignal } from './stop-signal.js';

/** Serves from this process until it is asked to stop; resolves with the exit code. */
export async function serveAlone(config: Config, logger: Logger, version: string): Promise<number> {
  setUpHeap();
  const service = new Service({ config, logger, version });
  const asked = stopSignal();
  const startedAtMs = performance.now();
  try {
    const address = await service.start();
    const origin = displayedOrigin(address);
    const grpc = config.grpcPort === undefined ? {} : { grpc: service.addressOf('grpc') };
    const management = config.managementPort === undefined ? {} : { management: service.addressOf('management') };
    const facts = { address, ...grpc, ...management, models: config.models, cores: config.cores };
    logger.info(facts, `slipway ${version} listens at ${origin}`);
    const announced = service.reconciled().then(async (models) => {
      const durationMs = Math.round(performance.now() - startedAtMs);
      logger.info({ durationMs }, servedLine(models));
      logger.info(`try: ${await shortestCurl(service.registry, origin)}`);
    });
    // What is only told ends nothing that serves.
    announced.catch((error: unknown) => logger.warn({ error }, 'what is served cannot be told'));
    const signal = await asked;
    logger.info({ signal }, `${signal}: finishing what was taken`);
  } finally {
    await service.stop();
  }
  logger.info('stopped');
  return 0;
}
