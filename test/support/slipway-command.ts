import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { program } from './program.js';

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Files left in the folder for temporary ones. */
  readonly leftFiles: readonly string[];
  /** Processes that the command left behind. */
  readonly leftPids: readonly number[];
}

/** Runs `slipway ARGUMENTS` as a process of its own. `onStart` may do something to it. */
export async function runSlipway(
  args: readonly string[],
  onStart: (child: ChildProcess, temporary: string) => void = () => {},
): Promise<CommandOutcome> {
  // Engine processes are given it, too, and are known by it.
  const temporary = mkdtempSync(join(tmpdir(), 'slipway-test-command-'));
  try {
    const env = { PATH: process.env.PATH ?? '', TMPDIR: temporary };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    onStart(child, temporary);
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, stdout, stderr, leftFiles: readdirSync(temporary), leftPids: processesWith(temporary) };
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** Processes in whose environment the text stands. */
export function processesWith(mark: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });
}
