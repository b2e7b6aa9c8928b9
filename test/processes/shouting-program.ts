/** The program of a trivial kind of process: what it is asked it answers in capitals, unless it is told to misbehave. */
import { existsSync, writeFileSync } from 'node:fs';
import { readText, textFrame } from '../../src/processes/frames/frames.js';
import { runProgram } from '../../src/processes/program.js';
import { type Ordered, type Shout, shoutKind } from './shouting-kind.js';

const tenants = new Map<number, Ordered>();
const eaten: Buffer[] = [];

function shout(text: string, { prefix = '' }: Ordered): string {
  const [verb = '', argument = ''] = text.split(' ');
  switch (verb) {
    case 'crash':
      process.kill(process.pid, 'SIGSEGV');
      // The signal comes before the answer.
      return hang(() => false);
    case 'hang':
      return hang(() => false);
    case 'until':
      writeFileSync(`${argument}.begun`, String(process.pid));
      return hang(() => existsSync(argument));
    case 'eat':
      for (;;) eaten.push(Buffer.alloc(2 ** 26, 1));
    case 'environment':
      return process.env[argument] ?? '';
    default:
      return prefix + text.toUpperCase();
  }
}

function hang(isOver: () => boolean): string {
  while (!isOver());
  return String(process.pid);
}

await runProgram({
  respond(frame, kind, tenant) {
    const text = readText(frame);
    if (kind === shoutKind.load) {
      const ordered = JSON.parse(text) as Ordered;
      if (ordered.brokenBy !== undefined && existsSync(ordered.brokenBy)) process.exit(3);
      tenants.set(tenant, ordered);
      return [textFrame(shoutKind.answer, tenant, '')];
    }
    if (text === 'expire') return [textFrame(shoutKind.expired, tenant, 'it has expired')];
    const startedAtMs = performance.now();
    const answer = shout(text, tenants.get(tenant) as Ordered);
    const given: Shout = { text: answer, computeMs: performance.now() - startedAtMs };
    return [textFrame(shoutKind.answer, tenant, JSON.stringify(given))];
  },
  failure(error, tenant) {
    eaten.length = 0;
    return [textFrame(shoutKind.failed, tenant, (error as Error).message)];
  },
  leave: (tenant) => void tenants.delete(tenant),
});
