import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Metadata, StatusObject } from '@grpc/grpc-js';
import type { LoadReportPolicy } from '../../../src/protocols/call-headers.js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import { GRPCInferenceService } from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { startGrpcServer } from './grpc-test-server.js';

const { modelInfer, modelStreamInfer } = GRPCInferenceService.method;
const request = {
  modelName: 'echo-fp32',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 2n] }],
  rawInputContents: [new Uint8Array(8)],
};

/** By the definition that grpc-js brings, as its balancers read it. */
function decoded(message: Buffer): unknown {
  const ofGrpc = createRequire(createRequire(import.meta.url).resolve('@grpc/grpc-js'));
  const protos = join(dirname(ofGrpc.resolve('@grpc/grpc-js/package.json')), 'proto');
  const { loadSync } = ofGrpc('@grpc/proto-loader');
  const includeDirs = [join(protos, 'xds'), join(protos, 'protoc-gen-validate')];
  const loaded = loadSync('xds/service/orca/v3/orca.proto', { keepCase: true, includeDirs });
  return loaded['xds.service.orca.v3.OpenRcaService'].StreamCoreMetrics.responseDeserialize(message);
}

const report = { application_utilization: 0.62, rps_fractional: 210, eps: 0.5, named_metrics: { queue_ms: 3.1 } };

const told = (trailers: Metadata): unknown => {
  const [text] = trailers.get('endpoint-load-metrics');
  const [message] = trailers.get('endpoint-load-metrics-bin');
  assert.ok(text === undefined || message === undefined);
  return message === undefined ? text : decoded(message as Buffer);
};

const worlds: [LoadReportPolicy, string | undefined, unknown][] = [
  ['on-request', undefined, undefined],
  ['on-request', 'text', 'TEXT busy'],
  ['on-request', 'JSON', 'JSON busy'],
  ['on-request', 'bin', report],
  ['on-request', 'xml', undefined],
  ['text', undefined, report],
  ['json', undefined, report],
  ['json', 'text', 'TEXT busy'],
  ['off', 'text', undefined],
  ['off', 'bin', undefined],
];

for (const [policy, asked, expected] of worlds) {
  test(`load reports ${policy}: a call that asks for ${asked ?? 'nothing'} gets ${typeof expected === 'object' ? 'the message' : (expected ?? 'none')}`, async (context) => {
    const { client } = await startGrpcServer(context, { config: { endpointLoadMetrics: policy } });
    const headers: Record<string, string> = asked === undefined ? {} : { 'endpoint-load-metrics-format': asked };
    const good = await client.ask(modelInfer, request, { headers });
    const failed = await client.ask(modelInfer, { ...request, modelName: 'nobody' }, { headers });
    const stream = client.stream(pathOf(modelStreamInfer), { headers });
    stream.on('data', () => undefined);
    stream.end(Buffer.from(toBinary(modelInfer.input, create(modelInfer.input, request))));
    const [ended] = (await once(stream, 'status')) as [StatusObject];
    assert.deepEqual([good.code, failed.code, ended.code], ['OK', 'NOT_FOUND', 0]);
    for (const trailers of [good.trailers, failed.trailers, ended.metadata]) assert.deepEqual(told(trailers), expected);
  });
}
