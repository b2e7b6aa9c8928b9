/** The program of a worker process where there are several: the primary starts it and tells it what to do. */
import type { Socket } from 'node:net';
import { ConnectionIntake } from '../workers/connection-intake.js';
import { Peers } from '../workers/peers.js';
import type { FromWorker, ToWorker } from '../workers/worker-messages.js';
import { setUpHeap } from './heap-settings.js';
import { WorkerServer } from './worker-server.js';

const send = (message: FromWorker): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

setUpHeap();
// Where nobody reads what is said there, nothing else is lost.
process.stderr.on('error', () => undefined);
const peers = new Peers(send);
const connections = new ConnectionIntake({ onClosed: (count) => send({ kind: 'closed', count }) });
let server: WorkerServer | undefined;

// A terminal and some supervisors signal every process; the primary says when it is time. At SIGUSR1 Node would open a debugger.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const)
  process.on(signal, () => undefined);

process.on('message', (message: ToWorker, socket?: Socket) => {
  switch (message.kind) {
    case 'begin':
      server = new WorkerServer({ begin: message, peers, connections, send });
      server.started.catch(() => end(1));
      break;
    case 'connection':
      // Before anything of it is read: where this process ends without having said so, another gets the connection.
      send({ kind: 'taken', id: message.id });
      connections.take(message.listener, socket);
      break;
    case 'query':
      void server?.runQuery(message.query).then((outcome) => send({ kind: 'result', id: message.id, outcome }));
      break;
    case 'replies':
      peers.settle(message.id, message.replies);
      break;
    case 'drain':
      server?.startDraining().catch(() => undefined);
      break;
    case 'stop':
      void end(0);
      break;
  }
});
// Without the primary no connection comes any more.
process.once('disconnect', () => void end(1));

async function end(code: number): Promise<void> {
  process.exitCode ??= code;
  await server?.stop();
  if (process.connected) process.disconnect();
}
