#!/usr/bin/env node

import { packageVersion } from './package-version.js';

interface Command {
  readonly help: () => string;
  readonly run: (argv: readonly string[]) => Promise<number>;
}

/** Each is loaded when it is called for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => {
    const { serve, serveHelp } = await import('./commands/serve.js');
    return { help: serveHelp, run: serve };
  },
  inspect: async () => {
    const { inspect, inspectHelp } = await import('./commands/inspect.js');
    return { help: inspectHelp, run: inspect };
  },
  doctor: async () => {
    const { doctor, doctorHelp } = await import('./commands/doctor.js');
    return { help: doctorHelp, run: doctor };
  },
};

const usage = `Usage: slipway COMMAND [arguments]

  serve            serve every ONNX model in a folder over HTTP
  inspect FILE     say what a model file takes and gives, and how it would be served
  doctor FILE|DIR  find what is wrong with models before they are deployed

slipway COMMAND --help explains a command; slipway --version prints the version.`;

/** Resolves with the exit code: 0 done, 1 failed, 2 wrong arguments. */
async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') return print(packageVersion());
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(usage);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    process.stderr.write(`slipway: there is no command "${name}"\n\n${usage}\n`);
    return 2;
  }
  const command = await load();
  return argv.includes('--help') || argv.includes('-h') ? print(command.help()) : command.run(argv);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

// A reader that has seen enough (`slipway inspect … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await main(process.argv.slice(2));
