import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { describeConfig } from '../config/describe-config.js';
import { loadConfig } from '../config/load-config.js';
import type { ModelStatus } from '../core/inference-service.js';
import { openLog } from '../observability/logger.js';
import { packageVersion } from '../package-version.js';
import { sampleCurl } from '../protocols/operations/welcome.js';
import { Service } from '../service.js';
import { keepRequestsYoung } from './keep-requests-young.js';

export const serveHelp = (): string => `Usage: slipway serve [--models DIR] [--host HOST] [--port PORT] [settings]

Serves every ONNX model in a folder over HTTP: POST JSON to /v1/models/NAME/predict.
The folder holds NAME.onnx, NAME/model.onnx or NAME/VERSION/model.onnx; changes take effect while it runs.

Settings (flag, then environment variable):

${describeConfig()}`;

/** Serves until SIGTERM or SIGINT; resolves with the exit code. */
export async function serve(argv: readonly string[]): Promise<number> {
  const config = readConfig(argv);
  if (config === undefined) return 2;
  keepRequestsYoung();
  const version = packageVersion();
  const log = openLog({ level: config.logLevel, version });
  const { logger } = log;
  try {
    return await run(config, logger, version);
  } catch (error) {
    logger.fatal({ error }, `slipway stops: ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await log.close();
  }
}

function readConfig(argv: readonly string[]): Config | undefined {
  try {
    return loadConfig({ env: process.env, argv, cwd: process.cwd() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nslipway serve --help lists every setting.\n`);
    return undefined;
  }
}

async function run(config: Config, logger: Logger, version: string): Promise<number> {
  const service = new Service({ config, logger, version });
  const asked = stopSignal();
  const startedAtMs = performance.now();
  try {
    const address = await service.start();
    const origin = displayedOrigin(address);
    logger.info({ address, models: config.models, cores: config.cores }, `slipway ${version} listens at ${origin}`);
    const announced = service.settled().then((models) => {
      const durationMs = Math.round(performance.now() - startedAtMs);
      logger.info({ durationMs }, servedLine(models));
      logger.info(`try: ${sampleCurl(service.registry, origin)}`);
    });
    const signal = await Promise.race([asked, announced.then(() => asked)]);
    logger.info({ signal }, `${signal}: finishing what was taken`);
  } finally {
    await service.stop();
  }
  logger.info('stopped');
  return 0;
}

/** The first SIGTERM or SIGINT asks to stop; a second one does not wait. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        // Not process.exit(): it would wait for whoever reads the log. The engine processes end by themselves.
        process.once(signal, () => process.kill(process.pid, 'SIGKILL'));
        resolve(signal);
      });
    }
  });
}

/** What a person on this machine types; the address of all interfaces is no address to call. */
function displayedOrigin(address: string): string {
  const { port, hostname } = new URL(address);
  return ['0.0.0.0', '[::]', '127.0.0.1', '[::1]'].includes(hostname) ? `http://localhost:${port}` : address;
}

function servedLine(models: readonly ModelStatus[]): string {
  const serving = models.flatMap(({ name, versions }) => {
    const available = versions.filter(({ state }) => state === 'AVAILABLE').map((status) => status.version);
    return available.length === 0 ? [] : [`${name} (${available.join(', ')})`];
  });
  const broken = models.filter(
    ({ versions, problem }) => problem !== undefined || versions.some(({ reason }) => reason),
  );
  const failures = broken.length === 0 ? '' : `; not everything loads: ${broken.map(({ name }) => name).join(', ')}`;
  return serving.length === 0 ? `no model is served${failures}` : `serving ${serving.join(', ')}${failures}`;
}
