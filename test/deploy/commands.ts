import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];

/** The program's path; undefined where it is not installed. */
export function findCommand(name: string): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** For a test's options: skips where the program is not installed. */
export const needs = (name: string): { skip: string | false } => ({
  skip: findCommand(name) === undefined && `${name} is not installed here`,
});

export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

export function runCommand(name: string, args: readonly string[], input?: string): Finished {
  const { status, stdout, stderr } = spawnSync(findCommand(name) ?? name, args, { encoding: 'utf8', input });
  return { status, output: `${stdout}${stderr}` };
}

/** Its output goes to a file: servers reopen /dev/stdout, which cannot be done with the sockets Node calls pipes. */
export function startCommand(
  name: string,
  args: readonly string[],
  options: { logPath: string; cwd?: string },
): ChildProcess {
  const log = openSync(options.logPath, 'a');
  const child = spawn(findCommand(name) ?? name, args, { stdio: ['ignore', log, log], cwd: options.cwd });
  closeSync(log);
  return child;
}

export async function stopCommand(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort++;
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Of this process, and below those that the system gives to others who ask for any: it stays free until it is used. */
let nextPort = 10_000 + (process.pid % 400) * 50;

/** Resolves once `url` answers at all; gives up when the process that is to answer ends, or after ten seconds. */
export async function untilAnswering(url: string, child: ChildProcess, logPath: string): Promise<void> {
  await untilFound(`an answer at ${url}`, child, logPath, () =>
    fetch(url).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    ),
  );
}

/** Resolves with what `pattern` found in the process's log; gives up as `untilAnswering` does. */
export const untilLogged = (pattern: RegExp, child: ChildProcess, logPath: string): Promise<RegExpExecArray> =>
  untilFound(`${pattern} in the log`, child, logPath, async () => pattern.exec(readFileSync(logPath, 'utf8')));

async function untilFound<Found extends object>(
  what: string,
  child: ChildProcess,
  logPath: string,
  look: () => Promise<Found | null | undefined>,
): Promise<Found> {
  const giveUpAt = Date.now() + 10_000;
  while (child.exitCode === null && Date.now() < giveUpAt) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${child.spawnfile}: no ${what} (exit code ${child.exitCode}): ${readFileSync(logPath)}`);
}
