import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../tools/project-root.js';

/** Where and with what something was measured. */
export interface Machine {
  readonly processor: string;
  /** That this process may use. */
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly fastify: string;
  readonly commit: string;
  readonly measuredAt: string;
  /** Runnable processes of the last minute, at the start: how much else was going on. */
  readonly loadAverage: number;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    processor: first?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    onnxruntime: packageVersion('onnxruntime-node'),
    fastify: packageVersion('fastify'),
    commit: commit(),
    measuredAt: new Date().toISOString().slice(0, 16).replace('T', ' '),
    loadAverage: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
  };
}

function packageVersion(name: string): string {
  const path = join(projectRoot(), 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function commit(): string {
  try {
    const options = { cwd: projectRoot(), encoding: 'utf8' as const };
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      ...options,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
