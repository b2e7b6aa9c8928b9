#!/usr/bin/env node

import { commands } from './commands/commands.js';
import { packageVersion } from './package-version.js';

const usage = `Usage: slipway COMMAND [arguments]

${Object.values(commands)
  .map(({ form, summary }) => `  ${form.padEnd(17)} ${summary}`)
  .join('\n')}

Put a model file into a folder, then: slipway serve FOLDER
slipway COMMAND --help explains a command; slipway --version prints the version.`;

/** Resolves with the exit code: 0 done, 1 failed, 2 wrong arguments. */
async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') return print(packageVersion());
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(usage);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    process.stderr.write(`slipway: there is no command "${name}"\n\n${usage}\n`);
    return 2;
  }
  const command = await entry.load();
  return argv.includes('--help') || argv.includes('-h') ? print(command.help()) : command.run(argv);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

// A reader that has seen enough (`slipway inspect … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

// Where nobody reads what is said on standard error, nothing else is lost.
process.stderr.on('error', () => undefined);

// Node ends, with 13 and without a word, when nothing is left that could settle what is awaited.
process.once('exit', (code) => {
  if (code === 13) process.stderr.write('slipway: ended in the midst of its work, which is a fault of the program\n');
});

process.exitCode = await main(process.argv.slice(2));
