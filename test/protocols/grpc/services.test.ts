import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from '../../../src/protocols/grpc/schema/health_pb.js';
import { GRPCInferenceService } from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
  ServerReflection as V1,
} from '../../../src/protocols/grpc/schema/reflection_v1_pb.js';
import { ServerReflection as V1Alpha } from '../../../src/protocols/grpc/schema/reflection_v1alpha_pb.js';
import { statusOf } from './grpc-client.js';
import { startGrpcServer } from './grpc-test-server.js';

const { client, service } = await startGrpcServer({ after });
const { method } = GRPCInferenceService;
const serviceName = GRPCInferenceService.typeName;

test('the server says that it lives, whether it is ready, and what it is', async () => {
  assert.equal((await client.ask(method.serverLive, {})).message?.live, true);
  assert.equal((await client.ask(method.serverReady, {})).message?.ready, true);
  const { message } = await client.ask(method.serverMetadata, {});
  assert.equal(message?.name, 'slipway');
  assert.equal(message.version, '1.2.3');
  assert.ok(message.extensions.includes('model_repository'));
});

test('a message that is none is told with its type', async () => {
  const { code, details } = await client.askBytes(pathOf(method.modelReady), Buffer.from('0a05', 'hex'));
  assert.equal(code, 'INVALID_ARGUMENT');
  assert.match(details, /^not a valid inference.ModelReadyRequest: /);
});

test('a method that is not there is told as such', async () => {
  const { code, details } = await client.askBytes('/inference.GRPCInferenceService/ModelTrain', Buffer.alloc(0));
  assert.equal(code, 'UNIMPLEMENTED');
  assert.match(details, /ModelTrain/);
});

test('health: the server and its service by name, another is not known', async () => {
  for (const name of ['', serviceName])
    assert.equal((await client.ask(Health.method.check, { service: name })).message?.status, Status.SERVING);
  const unknown = await client.ask(Health.method.check, { service: 'iris' });
  assert.equal(unknown.code, 'NOT_FOUND');
  assert.match(unknown.details, /^no service "iris"; known are "", "inference.GRPCInferenceService"/);
  const { message } = await client.ask(Health.method.list, {});
  assert.equal(message?.statuses[serviceName]?.status, Status.SERVING);
});

test('health: whoever watches is told at once, and again when it changes', async () => {
  const watched = await startGrpcServer({ after });
  const request = (name: string) =>
    Buffer.from(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service: name })));
  const statusOfMessage = (body: Buffer) => fromBinary(HealthCheckResponseSchema, body).status;
  const watch = watched.client.watch(pathOf(Health.method.watch), request(''));
  assert.equal(statusOfMessage(((await once(watch, 'data')) as [Buffer])[0]), Status.SERVING);
  const unknown = watched.client.watch(pathOf(Health.method.watch), request('none'));
  assert.equal(statusOfMessage(((await once(unknown, 'data')) as [Buffer])[0]), Status.SERVICE_UNKNOWN);
  const ends = Promise.all([statusOf(watch), statusOf(unknown)]);
  watched.service.ready = false;
  watched.grpc.drain();
  assert.equal(statusOfMessage(((await once(watch, 'data')) as [Buffer])[0]), Status.NOT_SERVING);
  await watched.grpc.close();
  const [ended] = await ends;
  assert.equal(ended.code, 'UNAVAILABLE');
  assert.match(ended.details, /stopping/);
});

type Question = ServerReflectionRequest['messageRequest'];

async function reflect(path: string, questions: readonly Question[]) {
  const stream = client.stream(path);
  const answers: Buffer[] = [];
  stream.on('data', (body: Buffer) => answers.push(body));
  for (const messageRequest of questions)
    stream.write(
      Buffer.from(
        toBinary(ServerReflectionRequestSchema, create(ServerReflectionRequestSchema, { host: 'h', messageRequest })),
      ),
    );
  stream.end();
  assert.equal((await statusOf(stream)).code, 'OK');
  return answers.map((body) => fromBinary(ServerReflectionResponseSchema, body).messageResponse);
}

for (const { typeName, method: reflection } of [V1, V1Alpha]) {
  const path = pathOf(reflection.serverReflectionInfo);
  test(`${typeName}: services by name, and files that describe them whole`, async () => {
    const [listed, found, member, missing, extension] = await reflect(path, [
      { case: 'listServices', value: '' },
      { case: 'fileContainingSymbol', value: serviceName },
      { case: 'fileContainingSymbol', value: 'inference.ModelInferRequest.inputs' },
      { case: 'fileContainingSymbol', value: 'inference.Nothing' },
      { case: 'allExtensionNumbersOfType', value: 'inference.ModelInferRequest' },
    ]);
    assert.equal(listed?.case, 'listServicesResponse');
    const names = listed.value.service.map(({ name }) => name);
    assert.ok(names.includes(serviceName) && names.includes(typeName) && names.includes(Health.typeName));
    assert.equal(found?.case, 'fileDescriptorResponse');
    const files = found.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    // As a client builds what it calls: every file that is needed is there, and comes after what it needs.
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files.reverse() }));
    const described = registry.getService(serviceName);
    assert.deepEqual(
      described?.methods.map(({ name }) => name),
      GRPCInferenceService.methods.map(({ name }) => name),
    );
    assert.deepEqual(member, found);
    assert.equal(missing?.case, 'errorResponse');
    assert.equal(missing.value.errorMessage, 'no symbol "inference.Nothing" is known here');
    assert.equal(extension?.case, 'allExtensionNumbersResponse');
  });
}

test('not ready is said, and told by health', async (context) => {
  service.ready = false;
  context.after(() => {
    service.ready = true;
  });
  assert.equal((await client.ask(method.serverReady, {})).message?.ready, false);
  assert.equal((await client.ask(Health.method.check, {})).message?.status, Status.NOT_SERVING);
});
