import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { ServerProcess } from '../support/server-process.js';

const callers = 800;
const isLinux = process.platform === 'linux';
const roomOfSystem = isLinux ? Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1')) : 0;
const skip = roomOfSystem < callers && `the system keeps ${roomOfSystem} connections at most`;

async function connected(context: TestContext, server: ServerProcess): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.origin).port) });
  context.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function statusOf(socket: Socket): Promise<string | undefined> {
  socket.write('GET /v2/health/live HTTP/1.1\r\nHost: slipway\r\nConnection: close\r\n\r\n');
  return (await text(socket)).split(' ')[1];
}

for (const workers of ['1', '2']) {
  test(`a crowd that comes while the server is busy is let in (workers: ${workers})`, {
    skip,
    timeout: 30_000,
  }, async (context) => {
    const server = await (await ServerProcess.start(['--workers', workers])).ready();
    context.after(() => {
      server.child.kill('SIGCONT');
      return server.stop();
    });
    server.child.kill('SIGSTOP');
    // Those for whom there is no room would be let in only when it goes on.
    const sockets = await Promise.all(Array.from({ length: callers }, () => connected(context, server)));
    server.child.kill('SIGCONT');
    const statuses = await Promise.all(sockets.map(statusOf));
    assert.deepEqual([...new Set(statuses)], ['200']);
  });
}
