import { ConfigError } from '../config/config.js';
import { createKey } from './key/create-key.js';
import { readKeyArguments } from './key/key-arguments.js';

export const keyHelp = (): string => `Usage: slipway key create ID [--keys FILE] [--scopes LIST] [--models LIST]
                          [--requests-per-second N] [--rows-per-second N]

Makes an API key and prints it, once. Its entry, which has the key's SHA-256 only, is added to the file, or printed as well
where none is named. A server with --keys FILE takes it within a second.

  ID                        names the caller in logs and metrics
  --scopes LIST             of infer, read, control, metrics; default infer,read
  --models LIST             patterns such as iris*; default all models
  --requests-per-second N   default no limit
  --rows-per-second N       default no limit`;

/** Resolves with the exit code. */
export async function key(argv: readonly string[]): Promise<number> {
  try {
    const { text, entry, file } = createKey(readKeyArguments(argv));
    if (file === undefined) process.stdout.write(`${text}\n${JSON.stringify(entry, null, 2)}\n`);
    else process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [(error as Error).message];
    process.stderr.write(`${problems.map((problem) => `slipway key: ${problem}`).join('\n')}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}
