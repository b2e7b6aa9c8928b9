import { once } from 'node:events';
import { createServer } from 'node:net';
import type { LoadedConfig } from '../config/load-config.js';
import { flagName } from '../config/setting-names.js';

export type ListenSettings = Pick<
  LoadedConfig['config'],
  'host' | 'port' | 'grpcPort' | 'managementHost' | 'managementPort' | 'tlsCert'
>;

/** Where one of the servers listens. */
interface ListenAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** What comes before the address where it is told as an URL. */
  readonly scheme?: string;
}

/** The servers that the settings ask for, HTTP first. */
export function listenersOf(config: ListenSettings): readonly ListenAddress[] {
  const { host, port, grpcPort, managementHost = host, managementPort, tlsCert } = config;
  const scheme = tlsCert === undefined ? 'http' : 'https';
  return [
    { name: 'http', host, port, scheme },
    ...(managementPort === undefined
      ? []
      : [{ name: 'management', host: managementHost, port: managementPort, scheme }]),
    ...(grpcPort === undefined ? [] : [{ name: 'grpc', host, port: grpcPort }]),
  ];
}

const portSettings = ['port', 'grpcPort', 'managementPort'] as const;

/** What whoever starts the server is told when it cannot listen; undefined for any other failure. */
export function listenProblem(
  error: unknown,
  config: ListenSettings,
  origins: LoadedConfig['origins'],
): string | undefined {
  const { code = '', syscall, port: failed } = (error ?? {}) as NodeJS.ErrnoException & { readonly port?: number };
  if (!(error instanceof Error) || !['listen', 'bind', 'getaddrinfo'].includes(syscall ?? '')) return undefined;
  // Node names no port where any would do.
  const setting = portSettings.find((key) => config[key] === (failed ?? 0)) ?? 'port';
  const port = config[setting];
  const flag = `--${flagName(setting)}`;
  const hostSetting = setting === 'managementPort' && config.managementHost !== undefined ? 'managementHost' : 'host';
  const host = config[hostSetting] ?? config.host;
  const place = `cannot listen on ${host.includes(':') ? `[${host}]` : host}:${port} (${code})`;
  const thePort = `the port is set by ${origins[setting] ?? 'the default'}`;
  const theHost = `the host is set by ${origins[hostSetting] ?? 'the default'}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${place}: another process has that port; ${thePort}, ${flag} chooses another and 0 any free one`;
    case 'EACCES':
    case 'EPERM':
      return `${place}: user ${process.getuid?.() ?? ''} may not open port ${port}; ${thePort}, ${flag} chooses another (from 1024 on needs no rights)`;
    case 'EADDRNOTAVAIL':
      return `${place}: no network interface of this machine has that address; ${theHost}, --host chooses another and 0.0.0.0 all of them`;
    case 'EAFNOSUPPORT':
      return `${place}: this machine has no such kind of address; ${theHost}, --host chooses another and 0.0.0.0 all of IPv4`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${place}: no address is known for that name; ${theHost}, --host chooses another`;
    default:
      return `${place}: ${error.message}; ${theHost}, ${thePort}`;
  }
}

/**
 * Rejects where nobody could listen there now: asked before anything is loaded, which would have to be stopped again
 * and would be logged as failed.
 */
export async function tryListening({ host, port }: Pick<ListenSettings, 'host' | 'port'>): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
