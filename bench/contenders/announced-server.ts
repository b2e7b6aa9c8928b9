import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { pinned } from '../machine/cores.js';

export interface LaunchOptions {
  /** Program and arguments; it prints a line of JSON with its `address` once it listens. */
  readonly argv: readonly string[];
  readonly cores: readonly number[] | undefined;
}

/** A server in a process of its own, which told its address on its standard output. */
export class AnnouncedServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    const { hostname, port } = new URL(address);
    this.host = hostname;
    this.port = Number(port);
    this.pid = child.pid as number;
    this.#child = child;
  }

  /** Resolves once it listens; rejects with what it printed if it ends before. */
  static async launch({ argv, cores }: LaunchOptions): Promise<AnnouncedServer> {
    const [command, ...rest] = pinned(argv, cores);
    const child = spawn(command as string, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed: string[] = [];
    child.stderr.on('data', (text) => printed.push(String(text)));
    const address = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${argv.join(' ')} ended with ${code}:\n${printed.join('')}`)));
      const lines = createInterface({ input: child.stdout }).on('line', (line) => {
        if (printed.length < 100) printed.push(`${line}\n`);
        const found = addressIn(line);
        if (found === undefined) return;
        resolve(found);
        // To look at what it says under load would take time from its core.
        lines.close();
        child.stdout.resume();
      });
    });
    return new AnnouncedServer(child, address);
  }

  /** Asks until `path` answers 200; fails after two minutes. */
  async ready(path: string): Promise<void> {
    for (let turn = 0; turn < 2400; turn++) {
      const response = await fetch(`http://${this.host}:${this.port}${path}`).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.status === 200) return;
      await after(50);
    }
    throw new Error(`the server at port ${this.port} did not get ready`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

function addressIn(line: string): string | undefined {
  try {
    const { address } = JSON.parse(line) as { address?: unknown };
    return typeof address === 'string' ? address : undefined;
  } catch {
    return undefined;
  }
}
