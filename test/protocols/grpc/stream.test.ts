import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { NamedTensor } from '../../../src/core/tensor.js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import {
  GRPCInferenceService,
  ModelInferRequestSchema,
  ModelStreamInferResponseSchema,
} from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { puppetModels } from '../puppet-models.js';
import type { PuppetModel } from '../puppet-service.js';
import { statusOf } from './grpc-client.js';
import { startGrpcServer } from './grpc-test-server.js';

const path = pathOf(GRPCInferenceService.method.modelStreamInfer);

const written = (request: MessageInitShape<typeof ModelInferRequestSchema>): Buffer =>
  Buffer.from(toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, request)));

const ask = (id: string, modelName = 'echo-fp32', parameters = {}) =>
  written({
    modelName,
    id,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 2n] }],
    rawInputContents: [new Uint8Array(8)],
    parameters,
  });

/** What came on a stream, and what is waited for. */
function listen(stream: NodeJS.EventEmitter) {
  const heard: { id: string; error: string }[] = [];
  let told = (): void => undefined;
  stream.on('data', (body: Buffer) => {
    const { errorMessage, inferResponse } = fromBinary(ModelStreamInferResponseSchema, body);
    heard.push({ id: inferResponse?.id ?? '', error: errorMessage });
    told();
  });
  const until = async (count: number): Promise<void> => {
    while (heard.length < count)
      await new Promise<void>((resolve) => {
        told = resolve;
      });
  };
  return { heard, until };
}

/** Models that answer when the test says so, by their names. */
function heldModels(...names: readonly string[]) {
  const begun = new Map<string, (() => void)[]>(names.map((name) => [name, []]));
  const echo = puppetModels.find(({ name }) => name === 'echo-fp32') as PuppetModel;
  const models = names.map(
    (name): PuppetModel => ({
      ...echo,
      name,
      compute: (inputs) =>
        new Promise((resolve) => {
          begun.get(name)?.push(() => resolve([{ ...inputs.get('x'), name: 'y' } as NamedTensor]));
        }),
    }),
  );
  const answer = async (name: string): Promise<void> => {
    while (begun.get(name)?.length === 0) await new Promise(setImmediate);
    begun.get(name)?.shift()?.();
  };
  return { models: [echo, ...models], answer };
}

test('answers come in the order of the requests, whichever is computed first', async (context) => {
  const { models, answer } = heldModels('slow', 'quick');
  const { client } = await startGrpcServer(context, { models });
  const stream = client.stream(path);
  const { heard, until } = listen(stream);
  const status = statusOf(stream);
  stream.write(ask('a', 'slow'));
  stream.write(ask('b', 'quick'));
  stream.write(ask('c'));
  await answer('quick');
  assert.deepEqual(heard, []);
  await answer('slow');
  await until(3);
  assert.deepEqual(
    heard.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  stream.end();
  assert.deepEqual(await status, { code: 'OK', details: 'OK' });
});

test('what is wrong with one request is told in its turn, and the stream goes on', async (context) => {
  const { client, finished } = await startGrpcServer(context);
  const stream = client.stream(path);
  const { heard } = listen(stream);
  const status = statusOf(stream);
  stream.write(ask('a', 'nobody'));
  stream.write(Buffer.from('1a0161ff', 'hex'));
  stream.write(ask('b'));
  stream.end();
  assert.equal((await status).code, 'OK');
  assert.deepEqual(
    heard.map(({ id }) => id),
    ['a', 'a', 'b'],
  );
  assert.match(heard[0]?.error ?? '', /^Request for unknown model: 'nobody'/);
  assert.match(heard[1]?.error ?? '', /not valid protobuf/);
  assert.equal(heard[2]?.error, '');
  assert.deepEqual(finished.map(({ code }) => code).sort(), ['INVALID_ARGUMENT', 'NOT_FOUND', 'OK']);
});

test('the answer says that it is the last one where that is asked for', async (context) => {
  const { client } = await startGrpcServer(context);
  const stream = client.stream(path);
  const answers: Buffer[] = [];
  stream.on('data', (body: Buffer) => answers.push(body));
  const wish = { triton_enable_empty_final_response: { parameterChoice: { case: 'boolParam', value: true } } };
  stream.write(ask('a', 'echo-fp32', wish));
  stream.end();
  await statusOf(stream);
  const { inferResponse } = fromBinary(ModelStreamInferResponseSchema, answers[0] ?? Buffer.alloc(0));
  assert.deepEqual(inferResponse?.parameters.triton_final_response?.parameterChoice, {
    case: 'boolParam',
    value: true,
  });
});

test('hundreds of requests at once are all answered, and a slow caller is waited for', async (context) => {
  const { client } = await startGrpcServer(context);
  const stream = client.stream(path);
  const { heard } = listen(stream);
  const ids = Array.from({ length: 500 }, (_, index) => `${index}`);
  for (const id of ids) stream.write(ask(id));
  stream.end();
  stream.pause();
  setImmediate(() => stream.resume());
  assert.equal((await statusOf(stream)).code, 'OK');
  assert.deepEqual(
    heard.map(({ id }) => id),
    ids,
  );
});

test('a stop answers what a stream has asked, and then ends it', async (context) => {
  const { models, answer } = heldModels('slow');
  const { client, grpc } = await startGrpcServer(context, { models });
  const stream = client.stream(path);
  const { heard, until } = listen(stream);
  const status = statusOf(stream);
  stream.write(ask('a'));
  await until(1);
  stream.write(ask('b', 'slow'));
  const answered = answer('slow');
  grpc.drain();
  await answered;
  const closed = grpc.close();
  assert.deepEqual(await status, { code: 'UNAVAILABLE', details: 'the server is stopping; call another' });
  assert.deepEqual(
    heard.map(({ id }) => id),
    ['a', 'b'],
  );
  await closed;
});

test('who cancels a stream aborts what it had asked', async (context) => {
  const { models, answer } = heldModels('slow');
  const { client, service } = await startGrpcServer(context, { models });
  const stream = client.stream(path);
  const status = statusOf(stream);
  stream.write(ask('a', 'slow'));
  while (service.requests.length === 0) await new Promise(setImmediate);
  const { signal } = service.requests[0]!;
  const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', resolve));
  stream.cancel();
  await aborted;
  assert.equal((await status).code, 'CANCELLED');
  await answer('slow');
});
