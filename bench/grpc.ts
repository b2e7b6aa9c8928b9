/**
 * CPU that a gRPC call takes in the server, beside a grpc-js server that sends the same message back and reads nothing of
 * it. Both run in turn in processes of their own; the model is the identity, so that only the protocol is measured.
 * Usage: node dist/bench/grpc.js
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { MessageWriter } from '../src/protocols/grpc/wire/message-writer.js';
import type { GrpcBenchServer } from './grpc-servers.js';

const path = '/inference.GRPCInferenceService/ModelInfer';
const connections = 4;
const callersOfEach = 16;
const rounds = 5;

interface Size {
  readonly name: string;
  readonly bytes: number;
  /** Of one round. */
  readonly calls: number;
  /** The ratio that is promised. */
  readonly most: number;
}

const sizes: readonly Size[] = [
  { name: '16 B', bytes: 16, calls: 10_000, most: 1.3 },
  { name: '3 KB', bytes: 3072, calls: 10_000, most: 1.3 },
  { name: '600 KB', bytes: 614_400, calls: 300, most: 1.1 },
];

const requestOf = (bytes: number): Buffer =>
  new MessageWriter(bytes)
    .string(1, 'echo')
    .message(
      5,
      new MessageWriter()
        .string(1, 'x')
        .string(2, 'FP32')
        .integers(3, [1, bytes / 4]),
    )
    .bytes(7, new Uint8Array(bytes))
    .finish();

class Contender {
  readonly child: ChildProcess;
  readonly clients: Client[] = [];
  readonly #name: GrpcBenchServer;

  constructor(name: GrpcBenchServer) {
    this.#name = name;
    this.child = fork(fileURLToPath(new URL('./grpc-servers.js', import.meta.url)), [name]);
  }

  async start(): Promise<this> {
    const [address] = (await once(this.child, 'message')) as [string];
    const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.max_receive_message_length': -1 };
    for (let index = 0; index < connections; index++)
      this.clients.push(new Client(address, credentials.createInsecure(), options));
    return this;
  }

  /** Microseconds of CPU a call. */
  async measure(request: Buffer, calls: number): Promise<number> {
    const before = await this.#cpuMicros();
    let left = calls;
    const caller = async (client: Client): Promise<void> => {
      while (left-- > 0) await ask(client, request);
    };
    await Promise.all(this.clients.flatMap((client) => Array.from({ length: callersOfEach }, () => caller(client))));
    return ((await this.#cpuMicros()) - before) / calls;
  }

  async #cpuMicros(): Promise<number> {
    const answer = once(this.child, 'message') as Promise<[number]>;
    this.child.send(this.#name);
    return (await answer)[0];
  }

  stop(): void {
    for (const client of this.clients) client.close();
    this.child.disconnect();
  }
}

const identity = (bytes: Buffer): Buffer => bytes;

const ask = (client: Client, request: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, identity, identity, request, (error) => (error ? reject(error) : resolve()));
  });

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

const [echo, slipway] = await Promise.all([new Contender('echo').start(), new Contender('slipway').start()]);
console.log(
  '| message | grpc-js echo, µs CPU a call | Slipway, µs | ratio | promised |\n| --- | --- | --- | --- | --- |',
);
for (const { name, bytes, calls, most } of sizes) {
  const request = requestOf(bytes);
  const of = { echo: [] as number[], slipway: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const [own, other] = [await slipway.measure(request, calls), await echo.measure(request, calls)];
    // The first round warms up.
    if (round < 0) continue;
    of.slipway.push(own);
    of.echo.push(other);
  }
  // Both of a round met the same neighbours on the machine.
  const ratio = median(of.slipway.map((own, index) => own / (of.echo[index] as number)));
  console.log(
    `| ${name} | ${median(of.echo).toFixed(0)} | ${median(of.slipway).toFixed(0)} | ${ratio.toFixed(2)} | ≤ ${most} |`,
  );
}
echo.stop();
slipway.stop();
