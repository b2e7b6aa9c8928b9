import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/load-config.js';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { Service } from '../../src/service.js';
import { projectRoot } from '../../tools/project-root.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';

const argv = ['--models', 'models', '--host', '127.0.0.1', '--port', '0', '--grpc-port', '0'];
const service = new Service({
  config: loadConfig({ env: {}, argv, cwd: projectRoot() }),
  logger: pino({ level: 'silent' }),
  version: '1.2.3',
});
let http: string;
let client: GrpcClient;

before(async () => {
  http = await service.start();
  await service.reconciled();
  client = new GrpcClient(service.addressOf('grpc'));
});
after(async () => {
  client.close();
  await service.stop();
});

test('the engine answers over gRPC what it answers over HTTP, and metrics tell the calls', async () => {
  const row = [5.1, 3.5, 1.4, 0.2];
  const { message } = await client.ask(GRPCInferenceService.method.modelInfer, {
    modelName: 'iris',
    inputs: [{ name: 'measurements', datatype: 'FP32', shape: [1n, 4n], contents: { fp32Contents: row } }],
    outputs: [{ name: 'probabilities' }],
  });
  const response = await fetch(`${http}/v1/models/iris/predict`, {
    method: 'POST',
    body: JSON.stringify({ inputs: [row] }),
  });
  const { outputs } = (await response.json()) as { outputs: { probabilities: number[][] } };
  const raw = Buffer.from(message?.rawOutputContents[0] ?? []);
  assert.deepEqual(
    [0, 4, 8].map((at) => raw.readFloatLE(at)),
    outputs.probabilities[0]?.map(Math.fround),
  );
  const page = await service.metrics.render();
  assert.match(page, /slipway_requests_total\{[^}]*protocol="grpc"[^}]*code="OK"[^}]*\} 1/);
});

const python = process.env.GRPC_PYTHON;

test('a Python client with stubs from the same definitions gets the same answers in both forms of contents', {
  skip: python === undefined && 'GRPC_PYTHON names no Python with grpcio, grpcio-tools and numpy',
}, async () => {
  const script = join(projectRoot(), 'test/protocols/grpc/python/infer.py');
  const schema = join(projectRoot(), 'src/protocols/grpc/schema');
  const { stdout } = await promisify(execFile)(python as string, [script, service.addressOf('grpc'), schema]);
  const told = JSON.parse(stdout) as Record<string, never>;
  assert.deepEqual(told.inputs, ['measurements']);
  assert.equal(told.config, 11);
  assert.equal(told.statistics, (await service.registry.statistics({ name: 'iris' })).length);
  const { raw, typed, predict, stream } = told as unknown as Record<string, number[]>;
  assert.equal(raw?.length, 3);
  assert.deepEqual(typed, raw);
  assert.deepEqual(predict, raw);
  assert.deepEqual(stream, [raw, raw]);
  assert.deepEqual(told.error, ['NOT_FOUND', told.error?.[1]]);
  assert.match(told.error?.[1] ?? '', /^Request for unknown model: 'nobody'/);
});
