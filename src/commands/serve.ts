import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { describeConfig } from '../config/describe-config.js';
import { frontCount } from '../config/front-count.js';
import { loadConfig } from '../config/load-config.js';
import { openLog } from '../observability/logger.js';
import { packageVersion } from '../package-version.js';

export const serveHelp = (): string => `Usage: slipway serve [--models DIR] [--host HOST] [--port PORT] [settings]

Serves every ONNX model in a folder over HTTP: POST JSON to /v1/models/NAME/predict.
The folder holds NAME.onnx, NAME/model.onnx or NAME/VERSION/model.onnx; changes take effect while it runs.

Settings (flag, then environment variable):

${describeConfig()}`;

/** Serves until SIGTERM or SIGINT; resolves with the exit code. */
export async function serve(argv: readonly string[]): Promise<number> {
  const config = readConfig(argv);
  if (config === undefined) return 2;
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

/** Loads what is needed: one process serves, or one watches over several that do. */
async function run(config: Config, logger: Logger, version: string): Promise<number> {
  const fronts = frontCount(config);
  if (fronts === 1) return (await import('./serve-alone.js')).serveAlone(config, logger, version);
  return (await import('./serve-fronts.js')).serveFronts({ config, fronts, logger, version });
}
