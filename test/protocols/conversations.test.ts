import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { binaryRequest } from './binary-request.js';
import { startGrpcServer } from './grpc/grpc-test-server.js';

/** The same question to every protocol, in JSON text, so that every digit counts. `model` answers with what it was given. */
interface Conversation {
  readonly about: string;
  readonly model: string;
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly sent: string;
  /** Where it differs from what was sent. */
  readonly received?: string;
}

const conversations: readonly Conversation[] = [
  {
    about: 'FP32 comes back as the shortest text of its own type',
    model: 'echo-fp32',
    dataType: 'FP32',
    shape: [2, 2],
    sent: '[[0.1,-0.30000001192092896],[16777216,1e-7]]',
    received: '[[0.1,-0.3],[16777216.0,1e-7]]',
  },
  {
    about: 'FP64 keeps 17 digits',
    model: 'echo-fp64',
    dataType: 'FP64',
    shape: [1, 2],
    sent: '[[0.30000000000000004,0.1]]',
  },
  { about: 'FP16 works over JSON', model: 'echo-fp16', dataType: 'FP16', shape: [1, 2], sent: '[[0.1,2048.0]]' },
  { about: 'BF16 works over JSON', model: 'echo-bf16', dataType: 'BF16', shape: [1, 2], sent: '[[0.1,256.0]]' },
  {
    about: 'INT64 is exact',
    model: 'echo-int64',
    dataType: 'INT64',
    shape: [1, 2],
    sent: '[[9007199254740993,-9223372036854775808]]',
  },
  {
    about: 'INT64 may come as strings of digits',
    model: 'echo-int64',
    dataType: 'INT64',
    shape: [1, 2],
    sent: '[["9007199254740993","-1"]]',
    received: '[[9007199254740993,-1]]',
  },
  {
    about: 'UINT64 is exact',
    model: 'echo-uint64',
    dataType: 'UINT64',
    shape: [1, 2],
    sent: '[[18446744073709551615,0]]',
  },
  { about: 'INT8 takes its whole range', model: 'echo-int8', dataType: 'INT8', shape: [1, 2], sent: '[[-128,127]]' },
  { about: 'UINT8 takes its whole range', model: 'echo-uint8', dataType: 'UINT8', shape: [1, 2], sent: '[[0,255]]' },
  {
    about: 'INT16 takes its whole range',
    model: 'echo-int16',
    dataType: 'INT16',
    shape: [1, 2],
    sent: '[[-32768,32767]]',
  },
  {
    about: 'UINT16 takes its whole range',
    model: 'echo-uint16',
    dataType: 'UINT16',
    shape: [1, 2],
    sent: '[[0,65535]]',
  },
  {
    about: 'INT32 takes its whole range',
    model: 'echo-int32',
    dataType: 'INT32',
    shape: [1, 2],
    sent: '[[-2147483648,2147483647]]',
  },
  {
    about: 'UINT32 takes its whole range',
    model: 'echo-uint32',
    dataType: 'UINT32',
    shape: [1, 2],
    sent: '[[0,4294967295]]',
  },
  { about: 'BOOL is true and false', model: 'echo-bool', dataType: 'BOOL', shape: [1, 2], sent: '[[true,false]]' },
  {
    about: 'strings keep every character',
    model: 'echo-bytes',
    dataType: 'BYTES',
    shape: [1, 2],
    sent: '[["日本 \\"é\\"","\\n🦊"]]',
  },
  {
    about: 'strings may come as base64',
    model: 'echo-bytes',
    dataType: 'BYTES',
    shape: [1, 2],
    sent: '[[{"b64":"w6k="},"plain"]]',
    received: '[["é","plain"]]',
  },
  {
    about: 'NaN and infinities are taken, and written as null',
    model: 'echo-fp32',
    dataType: 'FP32',
    shape: [2, 2],
    sent: '[[NaN,Infinity],[-Infinity,1]]',
    received: '[[null,null],[null,1.0]]',
  },
  { about: 'a scalar has no brackets', model: 'scalar', dataType: 'FP32', shape: [], sent: '0.5' },
  { about: 'no rows are answered with no rows', model: 'echo-fp32', dataType: 'FP32', shape: [0, 2], sent: '[]' },
];

/** All elements in one array. */
const flat = (nested: string): string => `[${nested.replace(/^\[*|\]*$|\](?=,\[)|(?<=\],)\[/g, '')}]`;

const servers = [await startGrpcServer({ after }), await startGrpcServer({ after }, { threadsFromBytes: 0 })];

for (const { about, model, dataType, shape, sent, received = sent } of conversations) {
  const answer = `{"model_name":"${model}","model_version":"1","outputs":[{"name":"y","datatype":"${dataType}","shape":[${shape}],"data":${flat(received)}}]}`;
  const tensor = (data: string) =>
    `{"inputs":[{"name":"x","shape":[${shape}],"datatype":"${dataType}","data":${data}}]}`;
  const speakers = [
    {
      form: 'v1 column form',
      path: `/v1/models/${model}:predict`,
      body: `{"inputs":${sent}}`,
      answer: `{"outputs":${received}}`,
    },
    {
      form: 'v1 column form by name',
      path: `/v1/models/${model}:predict`,
      body: `{"inputs":{"x":${sent}}}`,
      answer: `{"outputs":${received}}`,
    },
    { form: 'v2, flat', path: `/v2/models/${model}/infer`, body: tensor(flat(sent)), answer },
    ...(shape.length === 0
      ? []
      : [{ form: 'v2, nested', path: `/v2/models/${model}/versions/1/infer`, body: tensor(sent), answer }]),
    ...((shape[0] ?? 0) === 0
      ? []
      : [
          {
            form: 'v1 row form',
            path: `/v1/models/${model}/predict`,
            body: `{"instances":${sent}}`,
            answer: `{"predictions":${received}}`,
          },
        ]),
  ];
  for (const speaker of speakers) {
    test(`${about}, in whichever thread: ${speaker.form}`, async () => {
      for (const { app } of servers) {
        const { statusCode, body, headers } = await app.inject({
          method: 'POST',
          url: speaker.path,
          payload: speaker.body,
        });
        assert.equal(body, speaker.answer);
        assert.equal(statusCode, 200);
        assert.equal(headers['content-type'], 'application/json');
      }
    });
  }
}

const { modelInfer } = GRPCInferenceService.method;

for (const { about, model, dataType, shape, sent, received = sent } of conversations) {
  const head = `"name":"x","shape":[${shape}],"datatype":"${dataType}"`;
  const answer = `{"model_name":"${model}","model_version":"1","outputs":[{"name":"y","datatype":"${dataType}","shape":[${shape}],"data":${flat(received)}}]}`;
  test(`${about}, in whichever thread: v2 and gRPC, in raw bytes`, async () => {
    for (const { app, client } of servers) {
      const asked = await app.inject({
        method: 'POST',
        url: `/v2/models/${model}/infer`,
        payload: `{"inputs":[{${head},"data":${sent}}],"parameters":{"binary_data_output":true}}`,
      });
      const raw = asked.rawPayload.subarray(Number(asked.headers['inference-header-content-length']));
      const json = `{"inputs":[{${head},"parameters":{"binary_data_size":${raw.length}}}]}`;
      assert.equal((await app.inject(binaryRequest(model, json, raw))).body, answer);
      const { message } = await client.ask(modelInfer, {
        modelName: model,
        inputs: [{ name: 'x', datatype: dataType, shape: shape.map(BigInt) }],
        rawInputContents: [raw],
      });
      const [output] = message?.outputs ?? [];
      assert.deepEqual([message?.modelName, message?.modelVersion, message?.outputs.length], [model, '1', 1]);
      assert.deepEqual([output?.name, output?.datatype, output?.shape], ['y', dataType, shape.map(BigInt)]);
      assert.deepEqual(
        message?.rawOutputContents.map((bytes) => [...bytes]),
        [[...raw]],
      );
    }
  });
}
