import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { Tracing } from '../observability/tracing/tracing.js';
import { tracingEnvironment } from '../observability/tracing/tracing-environment.js';

export interface ConfiguredTracingOptions {
  readonly config: Pick<Config, 'tlsCert'>;
  readonly logger: Logger;
  /** Of this program. */
  readonly version: string;
}

/** As OpenTelemetry's variables ask for it; where they do not, nothing of it is loaded. */
export async function configuredTracing(options: ConfiguredTracingOptions): Promise<Tracing | undefined> {
  const { config, logger, version } = options;
  const wanted = tracingEnvironment(process.env);
  if (wanted === undefined) return undefined;
  for (const warning of wanted.warnings) logger.warn(warning);
  const { Tracing } = await import('../observability/tracing/tracing.js');
  return new Tracing({
    version,
    readsCallers: wanted.readsCallers,
    scheme: config.tlsCert === undefined ? 'http' : 'https',
    warn: (details, message) => logger.warn(details, message),
  });
}
