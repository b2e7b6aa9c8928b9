import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from '../../test/support/statistics.js';
import { projectRoot } from '../../tools/project-root.js';
import type { BenchContext } from './bench-context.js';

interface StartResults {
  /** From the start of the process, with the shipped models. */
  readonly listeningMs: number;
  readonly readyMs: number;
  readonly starts: number;
  /** How long Node.js itself takes here, to start and to end with nothing to do. */
  readonly emptyProgramMs: number;
}

const main = fileURLToPath(new URL('../../bundle/slipway.js', import.meta.url));

/** How long until the server listens, and until its models serve. All cores are its own, as at home. */
export async function measureStart({ rounds, say }: BenchContext): Promise<StartResults> {
  say('start to ready');
  const starts: { listeningMs: number; readyMs: number }[] = [];
  const empty: number[] = [];
  for (let round = -1; round < 2 * rounds; round++) {
    const start = await startOnce();
    const emptyMs = await runEmptyProgram();
    if (round < 0) continue;
    starts.push(start);
    empty.push(emptyMs);
  }
  return {
    listeningMs: Math.round(median(starts.map(({ listeningMs }) => listeningMs))),
    readyMs: Math.round(median(starts.map(({ readyMs }) => readyMs))),
    starts: starts.length,
    emptyProgramMs: Math.round(median(empty)),
  };
}

async function startOnce(): Promise<{ listeningMs: number; readyMs: number }> {
  const startMs = performance.now();
  const argv = [main, 'serve', '--host', '127.0.0.1', '--port', '0', '--models', join(projectRoot(), 'models')];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const address = await announcedAddress(child);
    const listeningMs = performance.now() - startMs;
    while ((await statusOf(`${address}/v2/health/ready`)) !== 200) await after(2);
    return { listeningMs, readyMs: performance.now() - startMs };
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

async function runEmptyProgram(): Promise<number> {
  const startMs = performance.now();
  await once(spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - startMs;
}

const announcedAddress = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it listened`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const { address } = JSON.parse(line) as { address?: string };
      if (address !== undefined) resolve(address);
    });
  });

const statusOf = (url: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
