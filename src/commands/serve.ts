import type { Logger } from 'pino';
import { type Config, ConfigError, workerCount } from '../config/config.js';
import { describeConfig } from '../config/describe-config.js';
import { type LoadedConfig, readSettings } from '../config/load-config.js';
import { openLog } from '../observability/logger.js';
import { packageVersion } from '../package-version.js';
import { clearLeftovers } from './leftover-folders.js';
import { listenersOf, listenProblem, tryListening } from './listening.js';

export const serveHelp = (): string => `Usage: slipway serve [DIR|FILE.onnx] [--host HOST] [--port PORT] [settings]

Serves every ONNX model in a folder over HTTP: POST JSON to /v1/models/NAME/predict.
The folder holds NAME.onnx, NAME/model.onnx or NAME/VERSION/model.onnx; changes take effect while it runs. A folder that is
one model itself, as a hub hands it out, is served as that; a file by itself.

Settings (flag, then environment variable):

${describeConfig()}`;

/** Serves until it is asked to stop; resolves with the exit code. */
export async function serve(argv: readonly string[]): Promise<number> {
  const loaded = readConfig(argv);
  if (loaded === undefined) return 2;
  const { config, warnings, origins } = loaded;
  const version = packageVersion();
  const log = openLog({ level: config.logLevel, version });
  const { logger } = log;
  for (const warning of [...warnings, ...initWarnings(process.pid)]) logger.warn(warning);
  try {
    for (const address of listenersOf(config)) await tryListening(address);
    return await run(config, logger, version);
  } catch (error) {
    const reason = listenProblem(error, config, origins) ?? (error instanceof Error ? error.message : error);
    logger.fatal({ error }, `slipway stops: ${reason}`);
    return 1;
  } finally {
    await log.close();
  }
}

/** Node reaps the processes that it started, and no others. */
const initWarnings = (pid: number): readonly string[] =>
  pid === 1
    ? [
        'the server is process 1: what processes of others leave behind when they end is not reaped; start it by an init (tini, docker run --init)',
      ]
    : [];

function readConfig(argv: readonly string[]): LoadedConfig | undefined {
  try {
    return readSettings({ env: process.env, argv, cwd: process.cwd() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nslipway serve --help lists every setting.\n`);
    return undefined;
  }
}

/** Loads what is needed: one process serves, or one watches over several that do. */
async function run(config: Config, logger: Logger, version: string): Promise<number> {
  void clearLeftovers().then(
    (folders) => folders > 0 && logger.info({ folders }, 'temporary folders of servers that were killed are removed'),
    (error: unknown) => logger.warn({ error }, 'temporary folders of servers that were killed cannot be looked for'),
  );
  const workers = workerCount(config);
  if (workers === 1) return (await import('./serve-alone.js')).serveAlone(config, logger, version);
  return (await import('./serve-workers.js')).serveWorkers({ config, workers, logger, version });
}
