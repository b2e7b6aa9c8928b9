import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../tools/project-root.js';
import { program } from './program.js';

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: string };

export const shippedModels = join(projectRoot(), 'models');

export interface JsonResponse {
  readonly status: number;
  readonly headers: Headers;
  // What a test expects of a body is said by its assertions.
  // biome-ignore lint/suspicious/noExplicitAny: the body is whatever the server says
  readonly body: any;
}

/** A real server in a process of its own, on a free port. Stop it in an `after` hook. */
export class ServerProcess {
  readonly origin: string;
  readonly log: LogLine[] = [];
  readonly child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor(child: ChildProcess, origin: string, log: LogLine[]) {
    this.child = child;
    this.origin = origin;
    this.log = log;
    this.#exited = once(child, 'exit').then(([code]) => code as number | null);
  }

  /** Resolves once it listens; models may still be loading. Rejects with what it printed if it ends before. */
  static async start(
    flags: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    where: readonly string[] = ['--host', '127.0.0.1', '--port', '0'],
    openFiles?: number,
  ): Promise<ServerProcess> {
    const argv = [program, 'serve', ...where, ...flags];
    const limited = ['-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, process.execPath, ...argv];
    const [command, args] = openFiles === undefined ? [process.execPath, argv] : ['/bin/sh', limited];
    const child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: projectRoot(),
    });
    const log: LogLine[] = [];
    const printed: string[] = [];
    child.stderr.on('data', (text) => printed.push(String(text)));
    const address = new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${printed.join('')}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        printed.push(`${line}\n`);
        const entry = JSON.parse(line) as LogLine;
        log.push(entry);
        if (typeof entry.address === 'string') resolve(entry.address);
      });
    });
    return new ServerProcess(child, await address, log);
  }

  /** Resolves once the server says that it is ready. */
  async ready(): Promise<this> {
    await this.until(async () => (await fetch(`${this.origin}/v2/health/ready`)).status === 200, 'ready');
    return this;
  }

  /** Asks again and again until the condition holds; fails after a minute. */
  async until(condition: () => Promise<boolean>, what: string): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(
      `gave up waiting until the server is ${what}; its log:\n${this.log.map((line) => JSON.stringify(line)).join('\n')}`,
    );
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<JsonResponse> {
    return jsonResponse(await fetch(this.origin + path, { headers }));
  }

  /** A string or bytes are sent as they are, anything else as JSON. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<JsonResponse> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const init = {
      method: 'POST',
      body: isRaw ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    };
    return jsonResponse(await fetch(this.origin + path, init as RequestInit));
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.origin}/metrics`)).text();
  }

  /** Process ids of the engine processes, whoever started them. */
  enginePids(): number[] {
    return this.descendants().filter((pid) => isEngine(pid));
  }

  /** With several workers the server's children are these, and theirs the engine processes. */
  workerPids(): number[] {
    return childrenOf(this.child.pid as number);
  }

  /** Every process below the server's. */
  descendants(): number[] {
    return descendantsOf(this.child.pid as number);
  }

  /** Sends the signal and resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.#exited;
  }
}

const descendantsOf = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

const childrenOf = (pid: number): number[] =>
  filesIn(`/proc/${pid}/task`)
    .flatMap((task) => textOf(`/proc/${pid}/task/${task}/children`).split(' '))
    .filter((text) => text !== '')
    .map(Number);

/** The shell that becomes one counts too. */
const isEngine = (pid: number): boolean =>
  textOf(`/proc/${pid}/cmdline`)
    .split('\0')
    .some((part) => part.endsWith('/engine.js'));

/** Nothing of a process that has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function filesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

async function jsonResponse(response: Response): Promise<JsonResponse> {
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Shown as it is.
  }
  return { status: response.status, headers: response.headers, body };
}
