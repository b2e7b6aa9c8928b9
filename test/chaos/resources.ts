import { readdirSync } from 'node:fs';
import { residentBytes } from '../../src/processes/process-status.js';
import { commandLine } from '../support/process-state.js';
import { openFiles } from '../support/quiet-state.js';
import type { ServerProcess } from '../support/server-process.js';
import type { ResourceLine } from './resource-reporter.js';

/** What a server at rest has in use, all of its processes. */
export interface Resources {
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly timers: number;
  /** Sockets, pipes and children of the worker. */
  readonly handles: number;
  readonly listeners: number;
  readonly workerFiles: number;
  readonly forkServerFiles: number;
  readonly forkServerBytes: number;
  readonly processes: number;
  readonly temporaryFiles: number;
}

/** `temporary`: the server's temporary folder. */
export async function resourcesOf(server: ServerProcess, temporary: string): Promise<Resources> {
  const { heapBytes, bufferBytes, active, listeners } = await report(server);
  const processes = server.descendants();
  const forkServer = processes.find((pid) => commandLine(pid).some((part) => part.endsWith('/fork-server.js')));
  const timers = active.filter((kind) => kind === 'Timeout').length;
  return {
    heapBytes,
    bufferBytes,
    timers,
    handles: active.filter((kind) => kind !== 'Timeout' && kind !== 'Immediate' && !kind.startsWith('FSReq')).length,
    listeners,
    workerFiles: openFiles(server),
    forkServerFiles: forkServer === undefined ? 0 : readdirSync(`/proc/${forkServer}/fd`).length,
    forkServerBytes: forkServer === undefined ? 0 : (residentBytes(forkServer) ?? 0),
    processes: processes.length,
    temporaryFiles: readdirSync(temporary, { recursive: true }).length,
  };
}

async function report(server: ServerProcess): Promise<ResourceLine> {
  const before = server.log.length;
  const line = () => server.log.slice(before).find(({ msg }) => msg === 'resources');
  server.child.kill('SIGUSR2');
  await server.until(async () => line() !== undefined, 'telling what it has in use');
  return line() as unknown as ResourceLine;
}
