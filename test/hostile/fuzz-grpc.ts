import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { create, type DescMethod, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { pathOf } from '../../src/protocols/grpc/grpc-method.js';
import { Health } from '../../src/protocols/grpc/schema/health_pb.js';
import { GRPCInferenceService, ModelInferRequestSchema } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { ServerReflection } from '../../src/protocols/grpc/schema/reflection_v1_pb.js';
import { DataType } from '../../src/protocols/grpc/schema/tensorflow_pb.js';
import {
  ClassificationRequestSchema,
  ModelService,
  PredictionService,
  PredictRequestSchema,
} from '../../src/protocols/grpc/schema/tensorflow_serving_pb.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';
import { type GrpcTestServer, startGrpcServer } from '../protocols/grpc/grpc-test-server.js';
import { Random } from '../support/random.js';

export interface GrpcFuzzOptions {
  readonly requests: number;
  readonly seed: number;
  readonly atOnce: number;
}

export interface GrpcFuzzReport {
  /** How often each outcome was told. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** What was not as it should be. */
  readonly faults: readonly string[];
}

const methods: readonly DescMethod[] = [
  ...GRPCInferenceService.methods,
  ...PredictionService.methods,
  ...ModelService.methods,
  Health.method.check,
  Health.method.list,
  ServerReflection.method.serverReflectionInfo,
];

const infer = (request: MessageInitShape<typeof ModelInferRequestSchema>): Buffer =>
  Buffer.from(toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, request)));

const x = { name: 'x', datatype: 'FP32', shape: [1n, 2n] };
const text = { ...x, datatype: 'BYTES', contents: { bytesContents: [Buffer.from('a'), Buffer.from('é')] } };
const tensorShape = { dim: [{ size: 1n }, { size: 2n }] };
const good = infer({ modelName: 'echo-fp32', id: 'good', inputs: [x], rawInputContents: [new Uint8Array(8)] });

/** Messages that are right, to be spoilt. */
const messages: readonly Buffer[] = [
  good,
  infer({ modelName: 'echo-fp32', inputs: [{ ...x, contents: { fp32Contents: [1, 2] } }], outputs: [{ name: 'y' }] }),
  infer({
    modelName: 'echo-int64',
    inputs: [{ ...x, datatype: 'INT64', contents: { int64Contents: [-1n, 2n ** 62n] } }],
  }),
  infer({ modelName: 'echo-bool', inputs: [{ ...x, datatype: 'BOOL', contents: { boolContents: [true, false] } }] }),
  infer({ modelName: 'echo-bytes', modelVersion: '1', inputs: [text] }),
  Buffer.from(
    toBinary(
      PredictRequestSchema,
      create(PredictRequestSchema, {
        modelSpec: { name: 'echo-fp32' },
        inputs: { x: { dtype: DataType.DT_FLOAT, tensorShape, floatVal: [1, 2] } },
      }),
    ),
  ),
  Buffer.from(
    toBinary(
      ClassificationRequestSchema,
      create(ClassificationRequestSchema, {
        modelSpec: { name: 'flower' },
        input: {
          kind: {
            case: 'exampleList',
            value: {
              examples: [
                { features: { feature: { x: { kind: { case: 'floatList', value: { value: [1, 2, 3, 4] } } } } } },
              ],
            },
          },
        },
      }),
    ),
  ),
];

/** Such outcomes are no caller's doing. */
const never = ['UNKNOWN', 'INTERNAL', 'DATA_LOSS'];

/** Sends damaged messages, damaged frames of gRPC in whole ones of HTTP/2, and damaged bytes of HTTP/2, at random. */
export async function fuzzGrpc({ requests, seed, atOnce }: GrpcFuzzOptions): Promise<GrpcFuzzReport> {
  const ends: (() => Promise<void>)[] = [];
  const server = await startGrpcServer({ after: (end) => void ends.push(end) });
  const fuzz = new GrpcFuzz(server, new Random(seed));
  await fuzz.record();
  let left = requests;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      await fuzz.one();
      if (left % 100 === 0) await fuzz.checkGood();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  await fuzz.finish();
  for (const end of ends) await end();
  return { outcomes: fuzz.outcomes, faults: fuzz.faults };
}

class GrpcFuzz {
  readonly outcomes = new Map<string, number>();
  readonly faults: string[] = [];
  readonly #server: GrpcTestServer;
  readonly #random: Random;
  #recorded = Buffer.alloc(0);
  #session: ClientHttp2Session | undefined;

  constructor(server: GrpcTestServer, random: Random) {
    this.#server = server;
    this.#random = random;
  }

  /** What a client sends of one good call. */
  async record(): Promise<void> {
    const chunks: Buffer[] = [];
    const [host, port] = this.#server.address.split(':');
    const proxy = createServer((socket) => {
      const onward = connectSocket(Number(port), host);
      socket.on('data', (chunk) => chunks.push(chunk as Buffer)).on('error', () => undefined);
      onward.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const client = new GrpcClient(`127.0.0.1:${(proxy.address() as { port: number }).port}`);
    await client.ask(GRPCInferenceService.method.modelInfer, { modelName: 'echo-fp32' });
    client.close();
    proxy.close();
    this.#recorded = Buffer.concat(chunks);
  }

  async one(): Promise<void> {
    const kind = this.#random.integer(4);
    if (kind < 2) await this.#message();
    else if (kind === 2) await this.#frames();
    else await this.#bytes();
  }

  async #message(): Promise<void> {
    const body = damaged(this.#random.pick(messages), this.#random);
    const method = this.#random.pick(methods.filter(({ methodKind }) => methodKind === 'unary'));
    const { code, details } = await this.#server.client.askBytes(pathOf(method as never), body);
    this.#note(code, `${method.name} of ${body.toString('hex')}: ${details}`);
  }

  /** Lengths that lie, flags that nobody set, several messages, none. */
  async #frames(): Promise<void> {
    const random = this.#random;
    const body = random.pick(messages);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt8(random.integer(3) === 0 ? random.integer(256) : 0, 0);
    prefix.writeUInt32BE(random.pick([body.length, body.length + 1, 0, 2 ** 32 - 1, random.integer(1000)]), 1);
    const frames = Array.from({ length: random.integer(3) }, () => [prefix, body]).flat();
    const sent = damaged(Buffer.concat([...frames, prefix]), random);
    const session = await this.#connected();
    const stream = session.request({
      ':method': random.pick(['POST', 'POST', 'POST', 'PUT']),
      ':path': random.pick([...methods.map((method) => pathOf(method as never)), '/', '/none/None']),
      'content-type': random.pick(['application/grpc', 'application/grpc+proto', 'text/plain']),
      te: 'trailers',
      ...(random.integer(4) === 0 && { 'grpc-timeout': random.pick(['1m', '5S', 'x', '99999999H', '-1S']) }),
      ...(random.integer(4) === 0 && { 'grpc-encoding': random.pick(['gzip', 'deflate', 'br', '']) }),
    });
    let status = 'none';
    const hear = (headers: Record<string, unknown>) => {
      status = String(headers['grpc-status'] ?? headers[':status'] ?? status);
    };
    stream
      .on('response', hear)
      .on('trailers', hear)
      .on('error', () => undefined)
      .resume();
    const closed = once(stream, 'close');
    stream.end(sent);
    await closed;
    this.#note(`frames ${status}`);
  }

  async #bytes(): Promise<void> {
    const [host, port] = this.#server.address.split(':');
    const socket: Socket = connectSocket(Number(port), host);
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    // Where a call is under way, the server goes on with it until it misses the ping that it sends after a while.
    socket.end(damaged(this.#recorded, this.#random), () => socket.once('data', () => socket.destroy()).resume());
    await closed;
    this.#note('bytes');
  }

  async #connected(): Promise<ClientHttp2Session> {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = connect(`http://${this.#server.address}`);
      this.#session.on('error', () => undefined);
    }
    return this.#session;
  }

  #note(outcome: string, about = ''): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (never.includes(outcome)) this.faults.push(`${outcome}: ${about}`);
  }

  async checkGood(): Promise<void> {
    const path = pathOf(GRPCInferenceService.method.modelInfer);
    const { code, details } = await this.#server.client.askBytes(path, good);
    if (code !== 'OK') this.faults.push(`a good call got ${code}: ${details}`);
  }

  /** Nothing is left of what was asked. */
  async finish(): Promise<void> {
    this.#session?.destroy();
    await this.checkGood();
    const { service, heldBytes, logged } = this.#server;
    if (service.leases !== 0) this.faults.push(`${service.leases} leases were not given back`);
    if (heldBytes() !== 0) this.faults.push(`${heldBytes()} bytes of responses are held`);
    for (const unforeseen of logged) this.faults.push(`unforeseen: ${JSON.stringify(unforeseen)}`);
  }
}

/** One to three places are changed: bytes dropped, put in, turned, or all behind cut off. */
function damaged(bytes: Buffer, random: Random): Buffer {
  let spoilt = bytes;
  for (let changes = random.integer(4); changes > 0; changes--) {
    const at = random.integer(spoilt.length + 1);
    const [before, after] = [spoilt.subarray(0, at), spoilt.subarray(at)];
    const kind = random.integer(8);
    if (kind === 0) spoilt = before;
    else if (kind < 3) spoilt = Buffer.concat([before, after.subarray(1 + random.integer(3))]);
    else if (kind < 5) spoilt = Buffer.concat([before, Buffer.from([random.integer(256)]), after]);
    else if (after.length > 0) {
      spoilt = Buffer.from(spoilt);
      spoilt[at] = random.pick([0, 0x7f, 0x80, 0xff, random.integer(256)]);
    }
  }
  return spoilt;
}
