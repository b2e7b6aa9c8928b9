import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { CrowdAcceptor } from '../../src/protocols/crowd-acceptor.js';

const copies = 7;
let server: Server;
let acceptor: CrowdAcceptor;
let callers: Socket[];
let crowdedOut: number;
/** Sockets that the server was given, and the turn of the event loop in which it was. */
let arrivals: { readonly socket: Socket; readonly turn: number }[];
let turn: number;

afterEach(async () => {
  for (const caller of callers) caller.destroy();
  for (const { socket } of arrivals) socket.destroy();
  server.close();
  acceptor.destroy();
  // The next test counts the processes that copy handles.
  await acceptor.close();
});

async function open(limit = Number.POSITIVE_INFINITY): Promise<void> {
  [callers, arrivals, crowdedOut, turn] = [[], [], 0, 0];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    arrivals.push({ socket, turn });
  });
  if (limit !== Number.POSITIVE_INFINITY) server.maxConnections = limit;
  server.on('drop', () => crowdedOut++);
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  acceptor = new CrowdAcceptor({ server, limit, copies, onCrowdedOut: () => crowdedOut++ });
}

/** So many at once; resolves when the server knows of each, whether it took it or not. */
async function come(count: number): Promise<void> {
  const known = arrivals.length + crowdedOut + count;
  for (let index = 0; index < count; index++) {
    const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
    caller.on('error', () => undefined);
    caller.resume();
    callers.push(caller);
  }
  await until(() => arrivals.length + crowdedOut >= known);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
}

/** The most connections of one turn. */
function mostInOneTurn(): number {
  const counts = new Map<number, number>();
  for (const arrival of arrivals) counts.set(arrival.turn, (counts.get(arrival.turn) ?? 0) + 1);
  return Math.max(...counts.values());
}

/** Until a crowd has made the acceptor take in several connections a turn. */
async function grow(): Promise<void> {
  while (mostInOneTurn() < 3) {
    for (const caller of callers.splice(0)) caller.destroy();
    for (const { socket } of arrivals.splice(0)) socket.destroy();
    await come(64);
  }
}

test('after a crowd, several connections are let in in a turn of the event loop', { timeout: 60_000 }, async () => {
  await open();
  await come(64);
  await grow();
  assert.ok(mostInOneTurn() > 1 && mostInOneTurn() <= copies + 2, `${mostInOneTurn()} in one turn`);
});

test('a few callers, one after the other, change nothing', async () => {
  await open();
  for (let index = 0; index < 40; index++) {
    await come(1);
    await until(() => true);
    for (let idle = 0; idle < 3; idle++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(arrivals.length, 40);
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length, 0);
});

test('the limit on connections counts those of every turn', { timeout: 60_000 }, async () => {
  await open(100);
  await come(64);
  await grow();
  const before = arrivals.length;
  await come(100);
  assert.ok(arrivals.length <= 100, `${arrivals.length} are open`);
  assert.equal(arrivals.length - before + crowdedOut, 100);
});

test('once closed it accepts nothing, and is done when the last of its connections is', {
  timeout: 60_000,
}, async () => {
  await open();
  await come(64);
  await grow();
  const { port } = server.address() as AddressInfo;
  server.close();
  let isDone = false;
  const done = acceptor.close().then(() => {
    isDone = true;
  });
  // The process that makes the copies may have to end first.
  for (const end = performance.now() + 20_000; performance.now() < end && (await accepts(port)); );
  assert.equal(await accepts(port), false);
  assert.equal(isDone, false);
  acceptor.destroy();
  await done;
});

test('closed while the copies are being made, it leaves no process that holds the socket', {
  timeout: 60_000,
}, async () => {
  await open();
  await come(64);
  // Sixteen turns with a connection each have passed; a process takes longer to start.
  for (const caller of callers) caller.destroy();
  for (const { socket } of arrivals) socket.destroy();
  const { port } = server.address() as AddressInfo;
  server.close();
  await acceptor.close();
  assert.equal(await accepts(port), false);
});

/** Whether the system lets a connection in there. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = connect(port, '127.0.0.1');
    late.once('connect', () => {
      late.destroy();
      resolve(true);
    });
    late.once('error', () => resolve(false));
  });
}
