import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinned } from '../machine/cores.js';
import type { BenchContext } from './bench-context.js';

interface CodecResults {
  /** A table in Markdown, as the codecs' own benchmark prints it. */
  readonly table: string;
}

const program = fileURLToPath(new URL('../codecs.js', import.meta.url));

export async function measureCodecs({ cores, rounds, quick, say }: BenchContext): Promise<CodecResults> {
  say('codecs against JSON.parse and JSON.stringify');
  const [command, ...argv] = pinned([process.execPath, program, String(quick ? 3 : rounds)], cores.server);
  const printed = execFileSync(command as string, argv, { encoding: 'utf8' });
  const table = printed
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
  say(table);
  return { table };
}
