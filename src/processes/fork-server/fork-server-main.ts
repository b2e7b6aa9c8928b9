/** The program of the fork server: starts processes for a worker, hands their sockets over, tells how they end. */
import type { Socket } from 'node:net';
import { type LaunchedProcess, spawnProcess } from '../launch/spawn-process.js';
import type { FromForkServer, ToForkServer } from './fork-server.js';

// Where nobody reads what is said there, nothing else is lost.
process.stderr.on('error', () => {});

const running = new Map<number, LaunchedProcess>();
const env = { ...process.env } as Record<string, string>;

// When to stop is the worker's decision.
// At SIGUSR1 Node would open a debugger.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const) process.on(signal, () => {});

process.on('message', (message: ToForkServer) => {
  if (message.kind === 'kill') running.get(message.number)?.kill();
  else start(message);
});

// Nobody is left to notice a run that never ends.
process.on('disconnect', () => {
  for (const launched of running.values()) launched.kill();
});

function start({ number, command }: Extract<ToForkServer, { kind: 'start' }>): void {
  const launched = spawnProcess(command, env);
  running.set(number, launched);
  const socket = launched.socket as Socket | undefined;
  tell({ kind: 'started', number, pid: launched.pid }, socket);
  // It leaves after the socket has arrived. Until then what the launched said would be read here, and be lost.
  tell({ kind: 'handed', number });
  void launched.exit.then((exit) => {
    running.delete(number);
    tell({ kind: 'ended', number, exit });
  });
}

function tell(message: FromForkServer, socket?: Socket): void {
  process.send?.(message, socket, {}, () => socket?.destroy());
}
