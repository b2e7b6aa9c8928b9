import { join } from 'node:path';
import { connectionLimit } from '../config/connection-limit.js';
import type { HttpProtocolOptions } from '../protocols/http-protocol.js';
import type { HttpConfig } from '../protocols/http-server.js';
import type { CreateServer, ProtocolServer } from '../protocols/protocol-server.js';
import type { PeerContext } from '../workers/peer-context.js';

/** Where servers listen, as the settings say. */
export interface Addresses extends HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Given where operators have a listener of their own. */
  readonly managementPort?: number;
  readonly managementHost?: string;
  /** Given where gRPC is wanted. */
  readonly grpcPort?: number;
}

export interface ConfiguredServersOptions
  extends Omit<HttpProtocolOptions, 'config' | 'host' | 'port' | 'listener' | 'connectionLimit' | 'warn'> {
  readonly config: Addresses;
  readonly logger: HttpProtocolOptions['logger'] & { warn(message: string): void };
  /** Of further protocols. */
  readonly servers: readonly CreateServer[];
}

/** Every server that is to run, in the order of their start: HTTP, then operators' listener, gRPC, further protocols. */
export async function configuredServers(options: ConfiguredServersOptions): Promise<readonly ProtocolServer[]> {
  const { config, logger, servers, tools } = options;
  const { host, port, grpcPort, managementPort, managementHost = host } = config;
  // Loaded only now: engine processes start meanwhile.
  const { httpProtocol } = await import('../protocols/http-protocol.js');
  const warn = (message: string): void => logger.warn(message);
  const http = { ...options, host, port, connectionLimit: connectionLimit(), warn };
  const made: ProtocolServer[] = [];
  if (managementPort === undefined) made.push(await httpProtocol(http));
  else {
    const management = { ...http, host: managementHost, port: managementPort };
    made.push(await httpProtocol({ ...http, listener: 'public' }));
    made.push(await httpProtocol({ ...management, listener: 'management' }));
  }
  if (grpcPort !== undefined) {
    // Loaded only where it is wanted.
    const { grpcProtocol } = await import('../protocols/grpc-protocol.js');
    made.push(grpcProtocol({ ...http, port: grpcPort }));
  }
  for (const create of servers) made.push(await create(tools));
  return made;
}

/** The servers that run. Where there are peers, connections come by way of the primary process. */
export class RunningServers {
  readonly #connections: PeerContext['connections'] | undefined;
  readonly #servers: ProtocolServer[] = [];
  readonly #addresses = new Map<string, string>();

  constructor(peers: PeerContext | undefined) {
    this.#connections = peers?.connections;
  }

  /** Resolves once every one listens: at its own address, or, where connections come from the primary, in this folder. */
  async start(servers: readonly ProtocolServer[], folder: string): Promise<void> {
    this.#servers.push(...servers);
    for (const server of servers) {
      const path = this.#connections && join(folder, `${server.name}.sock`);
      this.#addresses.set(server.name, await server.listen(path));
      this.#connections?.attach(server);
    }
  }

  /** Where the server of this name listens. */
  addressOf(name: string): string {
    const address = this.#addresses.get(name);
    if (address === undefined) throw new Error(`no server ${name} listens`);
    return address;
  }

  /** Callers are told to go elsewhere; what they send is answered still. */
  drain(): void {
    for (const server of this.#servers) server.drain();
  }

  /** Takes nothing any more; resolves once what was taken is answered. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    await this.#connections?.emptied();
  }

  /** Time is up: ends every connection. */
  destroy(): void {
    for (const server of this.#servers) server.destroy();
    this.#connections?.closeAll();
  }
}
