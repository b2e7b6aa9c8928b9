/** The program of a front process where there are several: the primary starts it and tells it what to do. */
import type { Socket } from 'node:net';
import { ConnectionIntake } from '../fronts/connection-intake.js';
import { Fleet } from '../fronts/fleet.js';
import type { FromFront, ToFront } from '../fronts/front-messages.js';
import { FrontMember } from './front-member.js';
import { setUpHeap } from './heap-settings.js';

const send = (message: FromFront): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

setUpHeap();
const fleet = new Fleet(send);
const connections = new ConnectionIntake({ onClosed: (count) => send({ kind: 'closed', count }) });
let member: FrontMember | undefined;

// A terminal and some supervisors signal every process; the primary says when it is time.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);

process.on('message', (message: ToFront, socket?: Socket) => {
  switch (message.kind) {
    case 'begin':
      member = new FrontMember({ begin: message, fleet, connections, send });
      member.started.catch(() => end(1));
      break;
    case 'connection':
      // Before anything of it is read: where this process ends without having said so, another gets the connection.
      send({ kind: 'taken', id: message.id });
      connections.take(socket);
      break;
    case 'question':
      void member?.answer(message.question).then((outcome) => send({ kind: 'answer', id: message.id, outcome }));
      break;
    case 'replies':
      fleet.settle(message.id, message.replies);
      break;
    case 'drain':
      member?.startDraining().catch(() => undefined);
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
  await member?.stop();
  if (process.connected) process.disconnect();
}
