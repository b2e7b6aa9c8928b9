import { existsSync, readFileSync } from 'node:fs';

export interface ProcessCommandOptions {
  /** What is to run, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Bytes of heap and anonymous mappings; absent for no limit. */
  readonly memoryLimitBytes?: number | undefined;
  readonly platform?: NodeJS.Platform;
}

const shell = '/bin/sh';

/** Higher than any worker's: when memory runs out the kernel takes one of these, which is replaced, before the worker. */
const oomScoreAdjustment = 500;

/**
 * The limit is on data (RLIMIT_DATA), which counts what is really used; an address-space limit would count the
 * hundreds of megabytes that V8 only reserves. `setpriv` has the kernel end a process whose worker was killed while
 * its work kept it from noticing.
 */
const script = `
[ -z "$1" ] || ulimit -d "$1" || exit 1
[ -z "$2" ] || echo "$2" 2>/dev/null >/proc/self/oom_score_adj
shift 2
if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL "$@"; fi
exec "$@"
`;

/** The command line that starts a process under the limits that the operating system is to hold, on Linux with a shell. */
export function processCommand({
  command,
  memoryLimitBytes,
  platform = process.platform,
}: ProcessCommandOptions): readonly [string, ...string[]] {
  if (platform !== 'linux' || !existsSync(shell)) return command;
  const kilobytes =
    memoryLimitBytes === undefined ? '' : String(Math.ceil((memoryLimitBytes + codeRangeBytes()) / 1024));
  return [shell, '-c', script, 'slipway-process', kilobytes, String(oomScoreAdjustment), ...command];
}

/**
 * Bytes that V8 set aside for machine code as writable memory, as some versions do (Node 24: 512 MiB, of which a few
 * are ever touched). A limit on data counts all of them, in the process as in this one.
 */
function codeRangeBytes(): number {
  try {
    return writableCode(readFileSync('/proc/self/maps', 'latin1'));
  } catch {
    return 0;
  }
}

function writableCode(maps: string): number {
  let bytes = 0;
  for (const [, from = '0', to = '0'] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rwxp /gm)) {
    bytes += Number.parseInt(to, 16) - Number.parseInt(from, 16);
  }
  return bytes;
}
