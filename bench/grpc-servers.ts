/** The servers that `bench/grpc.ts` compares: tells its address, then how much CPU it has taken whenever it is asked. */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { setUpHeap } from '../src/commands/heap-settings.js';
import type { Tensor } from '../src/core/tensor.js';
import { startGrpcServer } from '../test/protocols/grpc/grpc-test-server.js';

export type GrpcBenchServer = 'echo' | 'slipway';

const identity = (bytes: Buffer): Buffer => bytes;

async function startEcho(): Promise<string> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.enable_channelz': 0 });
  const handle = ({ request }: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) =>
    respond(null, request);
  server.register('/inference.GRPCInferenceService/ModelInfer', handle, identity, identity, 'unary');
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return `127.0.0.1:${port}`;
}

/** Over a model that is a function; the heap is set up as a worker's. */
async function startSlipway(): Promise<string> {
  setUpHeap();
  const spec = { dataType: 'FP32' as const, shape: ['batch', 'width'] };
  const { address, service, finished, logged } = await startGrpcServer(
    { after: () => undefined },
    {
      config: { bodyLimitBytes: 2 ** 26 },
      models: [
        {
          name: 'echo',
          signature: { inputs: [{ ...spec, name: 'x' }], outputs: [{ ...spec, name: 'y' }] },
          compute: (inputs) => {
            // They remember every call: memory that the process would have to ask for anew.
            for (const remembered of [service.requests, finished, logged]) remembered.length = 0;
            return [{ ...(inputs.get('x') as Tensor), name: 'y' }];
          },
        },
      ],
    },
  );
  return address;
}

process.send?.(await (process.argv[2] === 'echo' ? startEcho() : startSlipway()));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.once('disconnect', () => process.exit());
