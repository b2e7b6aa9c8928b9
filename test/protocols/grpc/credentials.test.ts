import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { after, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { ApiKeys, type Identity } from '../../../src/access/api-keys.js';
import { Authentication } from '../../../src/access/authentication.js';
import { badCredential } from '../../../src/access/credential.js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import { GRPCInferenceService } from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { accessKey, secretOf } from '../../support/access-keys.js';
import { statusOf } from './grpc-client.js';
import { startGrpcServer } from './grpc-test-server.js';

const keys = new ApiKeys();
keys.replace([
  accessKey('team', ['infer', 'read']),
  accessKey('slow', ['infer', 'read'], { requestsPerSecond: 0.001 }),
  accessKey('streaming', ['infer'], { requestsPerSecond: 0.001 }),
]);
/** Tokens are verified in their own time. */
const tokens = {
  reads: (text: string) => text.startsWith('token.'),
  verify: async (text: string): Promise<Identity | ReturnType<typeof badCredential>> =>
    text === 'token.good'
      ? { id: 'jwt:ann', scopes: new Set(['infer'] as const), mayUse: () => true, takeRequest: () => undefined }
      : badCredential('the token has expired'),
};
const denied: object[] = [];
const authentication = new Authentication({ keys, tokens });
const { client, service, address, finished } = await startGrpcServer(
  { after },
  { access: { authentication, observer: { callDenied: (event) => void denied.push(event) } } },
);

const { modelInfer, modelStreamInfer, modelMetadata } = GRPCInferenceService.method;
const request = {
  modelName: 'echo-fp32',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 2n] }],
  rawInputContents: [new Uint8Array(8)],
};
const body = Buffer.from(toBinary(modelInfer.input, create(modelInfer.input, request)));
const keyOf = (id: string) => ({ headers: { 'x-api-key': secretOf(id) } });

test("the key's id is whose turn a call counts against, and what observers hear", async () => {
  for (const headers of [{ authorization: `Bearer ${secretOf('team')}` }, { 'x-api-key': secretOf('team') }]) {
    assert.equal((await client.ask(modelInfer, request, { headers })).code, 'OK');
    assert.equal(service.requests.at(-1)?.caller, 'team');
    assert.equal(finished.at(-1)?.principal, 'team');
  }
});

test('a token is as good as a key, and says why where it is not', async () => {
  const { code } = await client.ask(modelInfer, request, { headers: { authorization: 'Bearer token.good' } });
  assert.equal(code, 'OK');
  assert.equal(finished.at(-1)?.principal, 'jwt:ann');
  const late = await client.ask(modelInfer, request, { headers: { authorization: 'Bearer token.old' } });
  assert.deepEqual([late.code, late.details], ['UNAUTHENTICATED', 'the token has expired']);
});

test('who is over the rate is told when to come again, whatever is called', async () => {
  await client.ask(modelInfer, request, keyOf('slow'));
  for (const ask of [
    () => client.ask(modelInfer, request, keyOf('slow')),
    () => client.ask(modelMetadata, { name: 'echo-fp32' }, keyOf('slow')),
  ]) {
    const { code, details, trailers } = await ask();
    assert.equal(code, 'RESOURCE_EXHAUSTED');
    assert.match(details, /^key "slow": more than 0\.001 requests a second; try again in /);
    assert.ok(Number(trailers.get('grpc-retry-pushback-ms')[0]) > 900_000);
  }
});

test('each request of a stream counts against the rate', async () => {
  const stream = client.stream(pathOf(modelStreamInfer), keyOf('streaming'));
  const answers: string[] = [];
  stream.on('data', (answer: Buffer) => answers.push(String(answer)));
  const ended = statusOf(stream);
  stream.write(body);
  stream.end(body);
  assert.equal((await ended).code, 'OK');
  const isOver = /key "streaming": more than 0\.001 requests a second/;
  assert.deepEqual(
    answers.map((answer) => isOver.test(answer)),
    [false, true],
  );
});

test('who is not known is told so before the message is there, and observers hear of it', async () => {
  const session = connect(`http://${address}`);
  for (const path of [pathOf(modelInfer), pathOf(modelStreamInfer), pathOf(modelMetadata)]) {
    denied.length = 0;
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-api-key': 'guessed',
    });
    // A length, and none of what it announces.
    stream.write(Buffer.from('0000010000', 'hex'));
    const [headers] = (await once(stream, 'response')) as [Record<string, string>];
    assert.equal(headers['grpc-status'], '16');
    assert.match(headers['x-request-id'] ?? '', /./);
    assert.equal(denied.length, 1);
    stream.resume();
    await once(stream, 'close');
  }
  session.destroy();
});
