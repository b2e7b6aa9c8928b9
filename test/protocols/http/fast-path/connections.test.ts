import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { CallerSignal } from '../../../../src/core/inference.js';
import type { RequestFinished } from '../../../../src/core/serving-observer.js';
import type { NamedTensor, Tensor } from '../../../../src/core/tensor.js';
import { startTestServer, type TestServer } from '../../test-server.js';
import { countSlow, post, Wire } from './wire.js';

const path = '/v1/models/echo-fp32/predict';
const rowOf = (value: number): string => `{"instances": [[${value}, 0]]}`;
const answerOf = (value: number): string => `{"predictions":[[${value}.0,0.0]]}`;

async function connect(context: TestContext, options: Parameters<typeof startTestServer>[1] = {}) {
  const server = await startTestServer(context, options);
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const accepted = once(server.app.server, 'connection');
  const wire = await Wire.open(server.app);
  context.after(() => wire.close());
  const [socket] = (await accepted) as [Socket];
  /** Sends, and waits until the server has read it. */
  const deliver = async (bytes: Buffer): Promise<void> => {
    const wanted = socket.bytesRead + bytes.length;
    wire.send(bytes);
    while (socket.bytesRead < wanted) await new Promise(setImmediate);
  };
  return { ...server, wire, deliver, slowRequests: countSlow(server.app) };
}

test('a body may come in pieces', async (context) => {
  const { wire, deliver, slowRequests } = await connect(context);
  const bytes = post({ path, body: rowOf(1) });
  await deliver(bytes.subarray(0, -9));
  await deliver(bytes.subarray(-9, -4));
  await deliver(bytes.subarray(-4));
  assert.equal((await wire.answer()).body, answerOf(1));
  assert.equal(slowRequests(), 0);
});

test('a head in pieces is left to Node, and so is all that follows', async (context) => {
  const { wire, deliver, slowRequests } = await connect(context);
  const bytes = post({ path, body: rowOf(1) });
  await deliver(bytes.subarray(0, 30));
  wire.send(bytes.subarray(30));
  assert.equal((await wire.answer()).body, answerOf(1));
  wire.send(post({ path, body: rowOf(2) }));
  assert.equal((await wire.answer()).body, answerOf(2));
  assert.equal(slowRequests(), 2);
});

test('the rest of a body that does not come soon is left to Node to wait for', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { wire, deliver, app, slowRequests } = await connect(context);
  const bytes = post({ path, body: rowOf(1) });
  const taken = once(app.server, 'request');
  await deliver(bytes.subarray(0, -4));
  context.mock.timers.tick(1000);
  await taken;
  wire.send(bytes.subarray(-4));
  assert.equal((await wire.answer()).body, answerOf(1));
  assert.equal(slowRequests(), 1);
});

for (const how of ['destroy', 'end'] as const) {
  test(`a body that is cut off is a request that was canceled, counted once (${how})`, async (context) => {
    const { wire, deliver, service, finished } = await connect(context);
    await deliver(post({ path, body: rowOf(1), headers: { 'X-Request-ID': 'order-7' } }).subarray(0, -4));
    wire.socket[how]();
    while (finished.length === 0) await new Promise(setImmediate);
    const [{ code, status, requestId, id }] = finished as [RequestFinished];
    assert.deepEqual([code, status, requestId, id], ['CANCELED', 499, 'order-7', undefined]);
    assert.equal(service.requests.length, 0);
    await wire.closed();
    assert.equal(finished.length, 1);
  });
}

test('pipelined requests are answered in order', async (context) => {
  const { wire } = await connect(context);
  wire.send(Buffer.concat([1, 2, 3].map((value) => post({ path, body: rowOf(value) }))));
  for (const value of [1, 2, 3]) assert.equal((await wire.answer()).body, answerOf(value));
});

test('other requests on the same connection are answered, before and after', async (context) => {
  const { wire, slowRequests } = await connect(context);
  wire.send(post({ path, body: rowOf(1) }));
  assert.equal((await wire.answer()).body, answerOf(1));
  wire.send('GET /v2/health/live HTTP/1.1\r\nHost: test\r\n\r\n');
  assert.equal((await wire.answer()).body, '{"live":true}');
  wire.send(post({ path, body: rowOf(2) }));
  assert.equal((await wire.answer()).body, answerOf(2));
  assert.equal(slowRequests(), 2);
});

test('a long answer arrives whole', async (context) => {
  const { wire, slowRequests } = await connect(context);
  const body = `{"instances": [${Array.from({ length: 5000 }, (_, row) => `[${row},0]`)}]}`;
  wire.send(post({ path, body }));
  const answer = await wire.answer();
  assert.equal(answer.body, body.replace('instances": ', 'predictions":').replaceAll(',0]', '.0,0.0]'));
  assert.equal(slowRequests(), 0);
});

test('a large body is left to Node', async (context) => {
  const { wire, slowRequests } = await connect(context);
  wire.send(post({ path, body: rowOf(1) + ' '.repeat(70_000) }));
  assert.equal((await wire.answer()).body, answerOf(1));
  assert.equal(slowRequests(), 1);
});

test('what is no HTTP is refused', async (context) => {
  const { wire } = await connect(context);
  wire.send('\x16\x03\x01\x02\x00\r\n\r\n');
  assert.equal((await wire.answer()).status, 400);
  await wire.closed();
});

test('a mistake does not end the connection', async (context) => {
  const { wire } = await connect(context);
  wire.send(post({ path, body: '{' }));
  assert.equal((await wire.answer()).status, 400);
  wire.send(post({ path, body: rowOf(1) }));
  assert.equal((await wire.answer()).body, answerOf(1));
});

test('an idle connection is closed after the time for that', async (context) => {
  const { wire } = await connect(context, { config: { keepAliveTimeoutMs: 20 } });
  wire.send(post({ path, body: rowOf(1) }));
  await wire.answer();
  await wire.closed();
});

test('of many who ask at once, each gets its own answer', async (context) => {
  const { app, slowRequests } = await connect(context);
  const wires = await Promise.all(Array.from({ length: 400 }, () => Wire.open(app)));
  context.after(() => wires.forEach((wire) => void wire.close()));
  for (const [index, wire] of wires.entries()) wire.send(post({ path, body: rowOf(index) }));
  const answers = await Promise.all(wires.map(async (wire) => (await wire.answer()).body));
  assert.deepEqual(
    answers,
    wires.map((_, index) => answerOf(index)),
  );
  assert.equal(slowRequests(), 0);
});

/** A model that answers when the test says so. */
function slowModel() {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const spec = (name: string) => ({ name, dataType: 'FP32' as const, shape: ['batch', 2] });
  const compute = async (inputs: ReadonlyMap<string, Tensor>): Promise<NamedTensor[]> => {
    await held;
    return [{ ...(inputs.get('x') as Tensor), name: 'y' }];
  };
  const model = { name: 'echo-fp32', signature: { inputs: [spec('x')], outputs: [spec('y')] }, compute };
  return { model, release };
}

const taken = async ({ service }: Pick<TestServer, 'service'>): Promise<CallerSignal> => {
  while (service.requests.length === 0) await new Promise(setImmediate);
  return service.requests[0]?.signal as CallerSignal;
};

for (const how of ['destroy', 'end'] as const) {
  test(`a caller that is gone is noticed (${how})`, async (context) => {
    const { model, release } = slowModel();
    const server = await connect(context, { models: [model] });
    server.wire.send(post({ path, body: rowOf(1) }));
    const signal = await taken(server);
    assert.equal(signal.aborted, false);
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
    server.wire.socket[how]();
    await aborted;
    release();
  });
}

test('closing the server ends idle connections at once and others behind their answer', async (context) => {
  const { model, release } = slowModel();
  const server = await connect(context, { models: [model] });
  const idle = await Wire.open(server.app);
  server.wire.send(post({ path, body: rowOf(1) }));
  await taken(server);
  const closed = server.app.close();
  await idle.closed();
  release();
  const answer = await server.wire.answer();
  assert.equal(answer.body, answerOf(1));
  assert.equal(answer.headers.connection, 'close');
  await server.wire.closed();
  await closed;
});
