import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import { GRPCInferenceService } from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { startGrpcServer } from './grpc-test-server.js';

const { modelInfer, modelStreamInfer, modelStatistics } = GRPCInferenceService.method;
const request = {
  modelName: 'echo-fp32',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 2n] }],
  rawInputContents: [new Uint8Array(8)],
};
const message = Buffer.from(toBinary(modelInfer.input, create(modelInfer.input, request)));
const prefix = Buffer.alloc(5);
prefix.writeUInt32BE(message.length, 1);
const whole = Buffer.concat([prefix, message]);

const begin = (session: ClientHttp2Session, path: string, headers: Record<string, string> = {}): ClientHttp2Stream =>
  session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });

/** What a call ends with. */
async function outcome(stream: ClientHttp2Stream): Promise<unknown> {
  let status: unknown;
  const hear = (headers: Record<string, unknown>) => {
    status = headers['grpc-status'] ?? status;
  };
  stream.on('response', hear).on('trailers', hear).resume();
  await once(stream, 'close');
  return status;
}

async function sessionTo(context: TestContext, address: string): Promise<ClientHttp2Session> {
  const session = connect(`http://${address}`);
  context.after(() => session.destroy());
  await once(session, 'connect');
  return session;
}

const deadlineExceeded = '4';

const halves: readonly [about: string, sent: Buffer][] = [
  ['nothing of its message', Buffer.alloc(0)],
  ['a part of its length', prefix.subarray(0, 3)],
  ['half of its message', whole.subarray(0, 20)],
  ['its message, and not that this was all', whole],
];

for (const [about, sent] of halves) {
  test(`a call that sends ${about} is given up, and not its connection`, async (context) => {
    const { address, service } = await startGrpcServer(context, { stallTimeoutMs: 50 });
    const session = await sessionTo(context, address);
    const stalled = begin(session, pathOf(modelInfer));
    if (sent.length > 0) stalled.write(sent);
    assert.equal(await outcome(stalled), deadlineExceeded);
    const good = begin(session, pathOf(modelInfer));
    good.end(whole);
    assert.equal(await outcome(good), '0');
    assert.equal(service.leases, 0);
  });
}

test('a call that is not about inference is given up as well', async (context) => {
  const { address } = await startGrpcServer(context, { stallTimeoutMs: 50 });
  const stalled = begin(await sessionTo(context, address), pathOf(modelStatistics));
  stalled.write(whole.subarray(0, 20));
  assert.equal(await outcome(stalled), deadlineExceeded);
});

test('a stream may wait between its messages, and not in one', async (context) => {
  const { address } = await startGrpcServer(context, { stallTimeoutMs: 50 });
  const session = await sessionTo(context, address);
  const [waits, stops] = [begin(session, pathOf(modelStreamInfer)), begin(session, pathOf(modelStreamInfer))];
  waits.write(whole);
  const ended = outcome(waits);
  await once(waits, 'data');
  // As long as it takes until another call is given up.
  stops.write(Buffer.concat([whole, whole.subarray(0, 20)]));
  assert.equal(await outcome(stops), deadlineExceeded);
  waits.end(whole);
  assert.equal(await ended, '0');
});

test('a call whose deadline passes while it arrives is not begun when the rest comes, and a stop does not wait for it', async (context) => {
  const { address, grpc, service } = await startGrpcServer(context);
  const session = await sessionTo(context, address);
  const late = begin(session, pathOf(modelInfer), { 'grpc-timeout': '1m' });
  late.write(whole);
  const [headers] = (await once(late, 'response')) as [Record<string, string>];
  assert.equal(headers['grpc-status'], deadlineExceeded);
  late.end();
  const after = begin(session, pathOf(modelInfer));
  after.end(whole);
  assert.equal(await outcome(after), '0');
  assert.equal(service.requests.length, 1);
  session.close();
  grpc.drain();
  await grpc.close();
});
