import { type GrpcProtocolOptions, grpcProtocol } from '../../../src/protocols/grpc-protocol.js';
import type { ProtocolServer } from '../../../src/protocols/protocol-server.js';
import {
  type Lifetime,
  loadReporter,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../test-server.js';
import { GrpcClient } from './grpc-client.js';

export interface GrpcTestServer extends TestServer {
  readonly grpc: ProtocolServer;
  readonly address: string;
  readonly client: GrpcClient;
}

/** HTTP and gRPC over one puppet. */
export async function startGrpcServer(
  lifetime: Lifetime,
  options: TestServerOptions = {},
  grpcOptions: Partial<GrpcProtocolOptions> = {},
): Promise<GrpcTestServer> {
  const server = await startTestServer(lifetime, { ...options, config: { grpcPort: 0, ...options.config } });
  const grpc = grpcProtocol({
    ...server.shared,
    config: server.config,
    logger: server.logger,
    version: '1.2.3',
    loadReporter,
    host: '127.0.0.1',
    port: 0,
    connectionLimit: Number.POSITIVE_INFINITY,
    warn: () => undefined,
    ...(options.stallTimeoutMs !== undefined && { stallTimeoutMs: options.stallTimeoutMs }),
    ...grpcOptions,
  });
  const address = await grpc.listen();
  const client = new GrpcClient(address);
  lifetime.after(async () => {
    client.close();
    await grpc.close();
  });
  return { ...server, grpc, address, client };
}
