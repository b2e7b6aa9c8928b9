import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import type { NamedTensor } from '../../../src/core/tensor.js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import { GRPCInferenceService } from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { puppetModels } from '../puppet-models.js';
import type { PuppetModel } from '../puppet-service.js';
import { GrpcClient } from './grpc-client.js';
import { startGrpcServer } from './grpc-test-server.js';

const { modelInfer, modelStreamInfer } = GRPCInferenceService.method;

/** A model that answers when the test says so. */
function heldModel() {
  const begun: (() => void)[] = [];
  let arrived = (): void => undefined;
  const model: PuppetModel = {
    ...(puppetModels.find(({ name }) => name === 'echo-fp32') as PuppetModel),
    name: 'held',
    compute: (inputs) =>
      new Promise((resolve) => {
        begun.push(() => resolve([{ ...inputs.get('x'), name: 'y' } as NamedTensor]));
        arrived();
      }),
  };
  const arrival = () =>
    new Promise<void>((resolve) => {
      arrived = resolve;
    });
  return { model, begun, arrival };
}

const request = {
  modelName: 'held',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 2n] }],
  rawInputContents: [new Uint8Array(8)],
};

test('a caller that cancels aborts its request', async (context) => {
  const { model, begun, arrival } = heldModel();
  const { client, service } = await startGrpcServer(context, { models: [model] });
  const arrived = arrival();
  const call = client.client.makeUnaryRequest<Buffer, Buffer>(
    pathOf(modelInfer),
    (bytes) => bytes,
    (bytes) => bytes,
    Buffer.from(toBinary(modelInfer.input, create(modelInfer.input, request))),
    () => undefined,
  );
  await arrived;
  const signal = service.requests.at(-1)?.signal;
  assert.equal(signal?.aborted, false);
  const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', resolve));
  call.cancel();
  await aborted;
  for (const answer of begun) answer();
});

test('the deadline of a call is the deadline of its request', async (context) => {
  const { model, begun, arrival } = heldModel();
  const { client, service } = await startGrpcServer(context, { models: [model] });
  const arrived = arrival();
  const before = performance.now();
  const reply = client.ask(modelInfer, request, { deadline: Date.now() + 60_000 });
  await arrived;
  const { deadlineMs } = service.requests.at(-1)!;
  assert.ok(deadlineMs !== undefined && deadlineMs - before > 50_000 && deadlineMs - before < 61_000);
  for (const answer of begun) answer();
  assert.equal((await reply).code, 'OK');
});

test('a stop tells callers to go, and answers what they had begun', async (context) => {
  const { model, begun, arrival } = heldModel();
  const { client, grpc, address } = await startGrpcServer(context, { models: [model] });
  const session = connect(`http://${address}`);
  await once(session, 'remoteSettings');
  const goaway = once(session, 'goaway');
  const arrived = arrival();
  const reply = client.ask(modelInfer, request);
  await arrived;
  grpc.drain();
  await goaway;
  const other = new GrpcClient(address);
  const arrivedLate = arrival();
  const late = other.ask(modelInfer, request);
  await arrivedLate;
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = grpc.close();
  await new Promise((resolve) => setImmediate(resolve));
  // However long they take.
  context.mock.timers.tick(60_000);
  for (const answer of begun) answer();
  assert.equal((await reply).code, 'OK');
  assert.equal((await late).code, 'OK');
  await closed;
  other.close();
  session.destroy();
});

test('pings as often as a caller likes are no reason to end its connection', async (context) => {
  const { address } = await startGrpcServer(context);
  const session = connect(`http://${address}`);
  await once(session, 'remoteSettings');
  for (let count = 0; count < 100; count++)
    await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
  assert.equal(session.closed, false);
  session.destroy();
});

/** A header block that no table has: nothing on the connection is read or written after the reply to it. */
const broken = Buffer.from('000004010400000003ffffffff', 'hex');

test('a stop does not wait for the call of a connection that broke the rules', { timeout: 30_000 }, async (context) => {
  const { grpc, client, address } = await startGrpcServer(context);
  const socket = connectSocket(Number(address.split(':')[1]), '127.0.0.1');
  const session = connect(`http://${address}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  const headers = { ':method': 'POST', ':path': pathOf(modelStreamInfer), 'content-type': 'application/grpc' };
  const call = session.request({ ...headers, te: 'trailers' });
  call.on('error', () => undefined);
  // Answered, so it has begun.
  call.write(Buffer.from('0000000000', 'hex'));
  await once(call, 'data');
  socket.write(broken);
  await once(session, 'goaway');
  client.close();
  await grpc.close();
  socket.destroy();
});
