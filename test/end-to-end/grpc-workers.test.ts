import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const {
  modelInfer,
  modelStatistics,
  systemSharedMemoryRegister,
  systemSharedMemoryStatus,
  systemSharedMemoryUnregister,
} = GRPCInferenceService.method;
const key = `slipway-test-${randomUUID()}`;
const folder = new ModelFolder();
let server: ServerProcess;
let address: string;

before(async () => {
  folder.put(join(shippedModels, 'iris/1/model.onnx'), 'iris/1/model.onnx');
  const flags = ['--models', folder.path, '--workers', '2', '--grpc-port', '0', '--shared-memory'];
  server = await (await ServerProcess.start([...flags, '--log-successes-per-second', '1000'])).ready();
  address = server.log.find(({ grpc }) => grpc !== undefined)?.grpc as string;
});
after(async () => {
  await server.stop();
  folder.remove();
  rmSync(`/dev/shm/${key}`, { force: true });
});

const flower = [5.1, 3.5, 1.4, 0.2];
const request = {
  modelName: 'iris',
  inputs: [{ name: 'measurements', datatype: 'FP32', shape: [1n, 4n], contents: { fp32Contents: flower } }],
};

/** Clients of a connection each, which come to the workers in turn. */
function clients(context: { after(end: () => void): void }): GrpcClient[] {
  const made = Array.from({ length: 4 }, () => new GrpcClient(address));
  context.after(() => {
    for (const client of made) client.close();
  });
  return made;
}

test('both workers get calls, and statistics add up whoever is asked', async (context) => {
  const [first, ...others] = clients(context) as [GrpcClient, ...GrpcClient[]];
  for (const client of [first, ...others]) assert.equal((await client.ask(modelInfer, request)).code, 'OK');
  const answered = () => server.log.filter(({ msg, protocol }) => msg === 'request answered' && protocol === 'grpc');
  await server.until(async () => answered().length === 4, 'through with its log');
  assert.deepEqual(new Set(answered().map(({ worker }) => worker)), new Set([1, 2]));
  for (const client of others) {
    const { message } = await client.ask(modelStatistics, { name: 'iris' });
    assert.equal(message?.modelStats[0]?.inferenceStats?.success?.count, 4n);
  }
});

test('a region that is registered at one worker is read by both', {
  skip: !existsSync('/dev/shm') && 'there is no /dev/shm here',
}, async (context) => {
  const [first, ...others] = clients(context) as [GrpcClient, ...GrpcClient[]];
  writeFileSync(`/dev/shm/${key}`, Buffer.from(Float32Array.from(flower).buffer));
  const registered = await first.ask(systemSharedMemoryRegister, { name: 'flower', key, byteSize: 16n });
  assert.equal(registered.code, 'OK', registered.details);
  const [wanted] = (await first.ask(modelInfer, request)).message?.rawOutputContents ?? [];
  const parameters = {
    shared_memory_region: { parameterChoice: { case: 'stringParam' as const, value: 'flower' } },
    shared_memory_byte_size: { parameterChoice: { case: 'int64Param' as const, value: 16n } },
  };
  const inputs = [{ name: 'measurements', datatype: 'FP32', shape: [1n, 4n], parameters }];
  for (const client of others) {
    const { message, details } = await client.ask(modelInfer, { modelName: 'iris', inputs });
    assert.deepEqual(message?.rawOutputContents[0], wanted, details);
    const { message: status } = await client.ask(systemSharedMemoryStatus, {});
    assert.deepEqual(Object.keys(status?.regions ?? {}), ['flower']);
  }
  // Who is passed on by a proxy is on another machine.
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  assert.equal((await first.ask(modelInfer, { modelName: 'iris', inputs }, { headers })).code, 'PERMISSION_DENIED');
  assert.equal((await others[0]?.ask(systemSharedMemoryUnregister, {}))?.code, 'OK');
  assert.equal((await first.ask(modelInfer, { modelName: 'iris', inputs })).code, 'INVALID_ARGUMENT');
});

test('told to stop while callers go on, every call that was taken is answered, and the server ends with 0', async (context) => {
  const [wanted] = (await clients(context)[0]?.ask(modelInfer, request))?.message?.rawOutputContents ?? [];
  let answered = 0;
  const callers = clients(context).map(async (client) => {
    for (;;) {
      const { message, code, details } = await client.ask(modelInfer, request);
      if (code !== 'OK') return { code, details };
      answered++;
      assert.deepEqual(message?.rawOutputContents[0], wanted);
    }
  });
  await server.until(async () => answered >= 100, 'asked by everybody');
  assert.equal(await server.stop('SIGTERM'), 0);
  const before = answered;
  // Who called on found nobody there, or a connection that took no more calls; nobody's call was broken off.
  for (const { code, details } of await Promise.all(callers)) {
    assert.equal(code, 'UNAVAILABLE');
    assert.match(details, /^No connection established|^Stream refused by server/);
  }
  assert.equal(answered, before);
});
