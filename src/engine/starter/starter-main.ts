/** The program of the starter: starts engine processes for a front, hands their sockets over, tells how they end. */
import type { Socket } from 'node:net';
import type { LaunchedProcess } from '../launch/launched-process.js';
import { spawnEngine } from '../launch/spawn-engine.js';
import type { FromStarter, ToStarter } from './starter-messages.js';

const running = new Map<number, LaunchedProcess>();
const env = { ...process.env } as Record<string, string>;

// When to stop is the front's decision.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

process.on('message', (message: ToStarter) => {
  if (message.kind === 'kill') running.get(message.number)?.kill();
  else start(message);
});

// Nobody is left to notice a run that never ends.
process.on('disconnect', () => {
  for (const engine of running.values()) engine.kill();
});

function start({ number, command }: Extract<ToStarter, { kind: 'start' }>): void {
  const engine = spawnEngine(command, env);
  running.set(number, engine);
  const socket = engine.socket as Socket | undefined;
  tell({ kind: 'started', number, pid: engine.pid }, socket);
  // It leaves after the socket has arrived. Until then what the engine said would be read here, and be lost.
  tell({ kind: 'handed', number });
  void engine.exit.then((exit) => {
    running.delete(number);
    tell({ kind: 'ended', number, exit });
  });
}

function tell(message: FromStarter, socket?: Socket): void {
  process.send?.(message, socket, {}, () => socket?.destroy());
}
