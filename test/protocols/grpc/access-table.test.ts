import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { create, type DescMethod, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { AccessOptions } from '../../../src/access/access.js';
import { type Scope, scopes } from '../../../src/core/access.js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import { Health } from '../../../src/protocols/grpc/schema/health_pb.js';
import {
  GRPCInferenceService,
  ModelStreamInferResponseSchema,
} from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { ServerReflection as V1 } from '../../../src/protocols/grpc/schema/reflection_v1_pb.js';
import { ServerReflection as V1Alpha } from '../../../src/protocols/grpc/schema/reflection_v1alpha_pb.js';
import { ModelService, PredictionService } from '../../../src/protocols/grpc/schema/tensorflow_serving_pb.js';
import { accessKey, authenticationBy, secretOf } from '../../support/access-keys.js';
import { GrpcClient, statusOf } from './grpc-client.js';
import { startGrpcServer } from './grpc-test-server.js';

const services = [GRPCInferenceService, PredictionService, ModelService, Health, V1, V1Alpha];

type Rule = Scope | 'open';

/** What every method asks of its callers. One that is not here fails the test. */
const rules: Readonly<Record<Rule, readonly string[]>> = {
  open: ['ServerLive', 'ServerReady', 'Health/Check', 'Health/List', 'Health/Watch'],
  infer: ['ModelInfer', 'ModelStreamInfer', 'Predict', 'Classify', 'Regress'],
  read: [
    'ServerMetadata',
    'ModelReady',
    'ModelMetadata',
    'ModelConfig',
    'ModelStatistics',
    'RepositoryIndex',
    'SystemSharedMemoryStatus',
    'CudaSharedMemoryStatus',
    'TraceSetting',
    'LogSettings',
    'GetModelMetadata',
    'GetModelStatus',
    'v1.ServerReflection/ServerReflectionInfo',
    'v1alpha.ServerReflection/ServerReflectionInfo',
  ],
  control: [
    'RepositoryModelLoad',
    'RepositoryModelUnload',
    'SystemSharedMemoryRegister',
    'SystemSharedMemoryUnregister',
    'CudaSharedMemoryRegister',
    'CudaSharedMemoryUnregister',
  ],
  metrics: [],
};

const ruleOf = (path: string): Rule | undefined =>
  (Object.keys(rules) as Rule[]).find((rule) => rules[rule].some((name) => new RegExp(`[/.]${name}$`).test(path)));

interface Call {
  readonly path: string;
  readonly method: DescMethod;
  readonly rule: Rule | undefined;
  /** Whether the message says which model it is about. */
  readonly namesModel: boolean;
  readonly body: Buffer;
}

/** Where messages say which model they are about. */
const modelFields = ['name', 'modelName', 'modelSpec'];

function callOf(method: DescMethod, extra: object = {}): Call {
  const { input } = method;
  const path = pathOf(method as never);
  const field = input.fields.find(({ localName }) => modelFields.includes(localName));
  const isModels = field !== undefined && !path.includes('SharedMemory');
  const model = field?.localName === 'modelSpec' ? { name: 'flower' } : 'flower';
  const message = create(input, { ...(isModels && { [field.localName]: model }), ...extra } as never);
  return { path, method, rule: ruleOf(path), namesModel: isModels, body: Buffer.from(toBinary(input, message)) };
}

const calls: readonly Call[] = [
  ...services.flatMap((service) => service.methods.map((method) => callOf(method))),
  // To set is another thing than to look.
  ...[GRPCInferenceService.method.traceSetting, GRPCInferenceService.method.logSettings].map((method) => ({
    ...callOf(method, { settings: { log_verbose_level: {} } }),
    rule: 'control' as const,
  })),
];

/** What the call is told: the name of a status, of a stream's first answer where that is a failure. */
async function outcomeOf(client: GrpcClient, { path, method, body }: Call, headers: Record<string, string>) {
  if (method.methodKind === 'unary') return client.askBytes(path, body, { headers });
  const stream =
    method.methodKind === 'server_streaming' ? client.watch(path, body) : asked(client, path, body, headers);
  const ended = statusOf(stream);
  const first = once(stream, 'data').then(([answer]) => answer as Buffer);
  const told = await Promise.race([ended, first.catch(() => ended)]);
  stream.cancel();
  await ended;
  if (!Buffer.isBuffer(told)) return told;
  const details = method === GRPCInferenceService.method.modelStreamInfer ? errorOf(told) : '';
  return { code: /is not for the model|lacks the scope/.test(details) ? 'PERMISSION_DENIED' : 'OK', details };
}

function asked(client: GrpcClient, path: string, body: Buffer, headers: Record<string, string>) {
  const stream = client.stream(path, { headers });
  stream.write(body);
  return stream;
}

const errorOf = (body: Buffer): string => fromBinary(ModelStreamInferResponseSchema, body).errorMessage;

interface Caller {
  readonly about: string;
  /** Of the socket; else it comes from this machine. */
  readonly address?: string;
  readonly authority?: string;
  readonly headers?: Record<string, string>;
  /** What it is told of a call that needs this; undefined where it gets through. */
  readonly denied: (rule: Rule, namesModel: boolean) => string | undefined;
}

const withKey = (id: string) => ({ authorization: `Bearer ${secretOf(id)}` });
const elsewhere = '192.0.2.1';
const unlessLocal = (rule: Rule) => (rule === 'control' ? 'PERMISSION_DENIED' : undefined);
const unlessKnown = (rule: Rule) => (rule === 'open' ? undefined : 'UNAUTHENTICATED');
const unlessOpen = (rule: Rule) => (rule === 'open' ? undefined : 'PERMISSION_DENIED');

const withoutKeys: readonly Caller[] = [
  { about: 'a program on this machine', denied: () => undefined },
  { about: 'a caller from elsewhere', address: elsewhere, denied: unlessLocal },
  { about: 'a proxy on this machine', headers: { 'x-forwarded-for': '127.0.0.1' }, denied: unlessLocal },
  {
    about: 'a caller from elsewhere that says it is here',
    address: elsewhere,
    authority: 'localhost',
    headers: { forwarded: 'for=127.0.0.1' },
    denied: unlessLocal,
  },
  { about: 'a name that was made to point here', authority: 'evil.example', denied: unlessLocal },
];

const withKeys: readonly Caller[] = [
  { about: 'nobody in particular, on this machine', denied: unlessKnown },
  { about: 'a key that is not known', headers: withKey('nobody'), denied: unlessKnown },
  { about: 'another scheme', headers: { authorization: `Basic ${secretOf('infer')}` }, denied: unlessKnown },
  {
    about: 'two keys that differ',
    headers: { ...withKey('infer'), 'x-api-key': secretOf('read') },
    denied: unlessKnown,
  },
  ...scopes.map((scope) => ({
    about: `a key with the scope ${scope}`,
    address: elsewhere,
    headers: withKey(scope),
    denied: (rule: Rule) => (rule === scope ? undefined : unlessOpen(rule)),
  })),
  {
    about: 'a key with the scope read in the other header',
    headers: { 'x-api-key': secretOf('read') },
    denied: (rule) => (rule === 'read' ? undefined : unlessOpen(rule)),
  },
  {
    about: 'a key for other models',
    headers: withKey('elsewhere'),
    denied: (rule, namesModel) => (namesModel ? unlessOpen(rule) : undefined),
  },
];

async function check(context: TestContext, caller: Caller, access: Partial<AccessOptions> = {}): Promise<void> {
  const { grpc } = await startGrpcServer(context, { access });
  // As another process hands connections over.
  const listener = createServer((socket) => {
    if (caller.address !== undefined) Object.defineProperty(socket, 'remoteAddress', { value: caller.address });
    grpc.take(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const authority = caller.authority && { 'grpc.default_authority': caller.authority };
  const client = new GrpcClient(`127.0.0.1:${port}`, { ...authority });
  context.after(() => {
    client.close();
    listener.close();
  });
  for (const call of calls) {
    assert.ok(call.rule, `${call.path} stands in the table of who may call what`);
    const { code, details } = await outcomeOf(client, call, caller.headers ?? {});
    const wanted = caller.denied(call.rule, call.namesModel);
    const about = `${call.path}: ${code} ${details}`;
    if (wanted !== undefined) assert.equal(code, wanted, about);
    else assert.ok(code !== 'UNAUTHENTICATED' && code !== 'PERMISSION_DENIED', about);
    assert.ok(!details.includes('secret-of'), 'no key is told');
  }
}

const authentication = authenticationBy(
  ...scopes.map((scope) => accessKey(scope, [scope])),
  accessKey('elsewhere', scopes, { models: ['other*'] }),
);

describe('without keys', () => {
  for (const caller of withoutKeys) {
    test(`${caller.about} may do over gRPC what is for everybody, and more only on this machine`, (context) =>
      check(context, caller));
  }

  test('whom the operator lets control models may from anywhere', (context) =>
    check(context, { about: '', address: elsewhere, denied: () => undefined }, { modelControl: true }));
});

describe('with keys', () => {
  for (const caller of withKeys) {
    test(`${caller.about} may do over gRPC what the scopes and models of its key are for`, (context) =>
      check(context, caller, { authentication }));
  }

  test('nobody controls models where nobody is to, whatever their key', (context) =>
    check(
      context,
      { about: '', headers: withKey('control'), denied: unlessOpen },
      { authentication, modelControl: false },
    ));
});

test('the table has no method that there is not, and no method twice', () => {
  const paths = calls.map(({ path }) => path);
  for (const name of Object.values(rules).flat()) {
    const found = services.flatMap((service) => service.methods.map((method) => pathOf(method as never)));
    assert.equal(found.filter((path) => new RegExp(`[/.]${name}$`).test(path)).length, 1, name);
  }
  assert.equal(new Set(paths).size, paths.length - 2);
});
