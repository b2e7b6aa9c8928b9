import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type DestinationStream, destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';
import { serializeError } from './error-serializer.js';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** Slipway's version, part of every line. */
  readonly version: string;
  /** Which of several worker processes writes, from 1. */
  readonly worker?: number;
}

/** Lines waiting for a reader that stalls; beyond it they are dropped rather than held in memory. */
const maxWaitingBytes = 16 * 1024 * 1024;

const closeTimeoutMs = 1000;

/** What a pipe takes as a whole: the lines of several processes do not tear each other. */
const maxWriteCharacters = 4096;

const pinoOptions = ({ level, version, worker }: LogOptions): LoggerOptions => ({
  level,
  base: { service: 'slipway', serviceVersion: version, pid: process.pid, ...(worker !== undefined && { worker }) },
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  serializers: { err: serializeError, error: serializeError },
  errorKey: 'error',
});

/** JSON lines, written to `stream` as they come. */
export const createLoggerTo = (stream: DestinationStream, options: LogOptions): Logger =>
  pino(pinoOptions(options), stream);

export interface Log {
  readonly logger: Logger;
  /** Resolves when every line so far is written, or after a second without a reader: the rest is then given up. */
  close(): Promise<void>;
}

/**
 * JSON lines on standard output, written without blocking. What waits is written out before the process exits, also
 * through `process.exit()`; only a signal that cannot be caught loses lines.
 */
export function openLog(options: LogOptions): Log {
  const shared = options.worker === undefined ? {} : { maxWrite: maxWriteCharacters };
  const stream = destination({ fd: 1, sync: false, maxLength: maxWaitingBytes, ...shared });
  // A full disk costs lines, not the server; what could not be written is tried again with the next line.
  stream.on('error', () => {});
  // Without the stream's own `flushSync`, which pino calls for fatal lines: it never returns once the reader is gone.
  const logger = createLoggerTo({ write: (line) => void stream.write(line) }, options);
  return {
    logger,
    async close() {
      const gone = Promise.race([
        once(stream, 'close'),
        once(stream, 'error'),
        setTimeout(closeTimeoutMs, undefined, { ref: false }),
      ]);
      stream.end();
      await gone.catch(() => undefined);
      logger.level = 'silent';
      // Or the process would wait for the reader when it exits.
      stream.destroy();
    },
  };
}
