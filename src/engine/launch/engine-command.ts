import { existsSync } from 'node:fs';
import { codeRangeBytes } from './code-range.js';

export interface EngineCommandOptions {
  /** What the engine process is to run, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Bytes of heap and anonymous mappings; absent for no limit. */
  readonly memoryLimitBytes?: number | undefined;
  readonly platform?: NodeJS.Platform;
}

const shell = '/bin/sh';

/** Higher than any front's: when memory runs out the kernel takes an engine, which is replaced, before the front. */
const oomScoreAdjustment = 500;

/**
 * The limit is on data (RLIMIT_DATA), which counts what is really used; an address-space limit would count the
 * hundreds of megabytes that V8 only reserves. `setpriv` has the kernel end an engine whose front was killed while
 * a run kept the engine from noticing.
 */
const script = `
[ -z "$1" ] || ulimit -d "$1" || exit 1
[ -z "$2" ] || echo "$2" 2>/dev/null >/proc/self/oom_score_adj
shift 2
if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL "$@"; fi
exec "$@"
`;

/** The command line that starts an engine under the limits that the operating system is to hold, on Linux with a shell. */
export function engineCommand({
  command,
  memoryLimitBytes,
  platform = process.platform,
}: EngineCommandOptions): readonly [string, ...string[]] {
  if (platform !== 'linux' || !existsSync(shell)) return command;
  const kilobytes =
    memoryLimitBytes === undefined ? '' : String(Math.ceil((memoryLimitBytes + codeRangeBytes()) / 1024));
  return [shell, '-c', script, 'slipway-engine', kilobytes, String(oomScoreAdjustment), ...command];
}
