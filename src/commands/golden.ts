import { ConfigError } from '../config/config.js';
import { checkGoldenFolder } from './golden/check-golden-folder.js';
import { readGoldenArguments } from './golden/golden-arguments.js';
import { recordGolden } from './golden/record-golden.js';
import { untilStopped } from './until-stopped.js';

export const goldenHelp = (): string => `Usage: slipway golden check DIR [--timeout SECONDS]
       slipway golden record --server URL --model NAME --input FILE... [--version N]
                             [--output DIR] [--key-file FILE]

check   asks every version in a models folder, or in the folder of one model, its golden requests, as a server does before
        the version serves. Each version is loaded in an engine process of its own. Exits with 0 when all are passed, with 1
        and the misses when they are not, or when there are none to pass.
record  sends bodies of v1 or v2 to a running server and writes each with its response as a golden request.

  --timeout SECONDS  give each version this long to load and to answer (default 120)
  --server URL       http://HOST:PORT
  --input FILE...    a body of a request, as JSON; what is recorded has its name
  --version N        ask this version instead of the latest that serves
  --output DIR       where golden requests are written (default ./golden); no file is replaced
  --key-file FILE    has the API key, where the server wants one`;

/** Resolves with the exit code. */
export async function golden(argv: readonly string[]): Promise<number> {
  try {
    const given = readGoldenArguments(argv);
    return await untilStopped((signal) =>
      given.action === 'check' ? checkGoldenFolder(given, signal) : recordGolden(given, signal),
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.problems.map((problem) => `slipway golden: ${problem}`).join('\n')}\n`);
    return 2;
  }
}
