import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getEncrypted } from 'node:https';
import { type Config, ConfigError } from '../config/config.js';
import { readSettings } from '../config/load-config.js';

export const healthHelp = (): string => `Usage: slipway health [settings]

Asks the server of this machine whether it is ready, for a container's HEALTHCHECK: 0 where it is, 1 where it is not. Where
and how it listens is read from the same variables, file and flags as slipway serve reads: give it the flags that the server
has, if any.`;

const longestMs = 4000;

/** Resolves with the exit code. */
export async function health(argv: readonly string[]): Promise<number> {
  try {
    const { config } = readSettings({ env: process.env, argv, cwd: process.cwd(), hasOwnSource: true });
    const status = await statusOf(config);
    if (status !== 200) process.stderr.write(`slipway health: not ready (${status})\n`);
    return status === 200 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`slipway health: ${(error as Error).message}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

/** At the port for operators where there is one: it asks nobody for a certificate. */
function statusOf({ host, port, managementHost = host, managementPort, tlsCert }: Config): Promise<number | undefined> {
  const [listening, at] = managementPort === undefined ? [host, port] : [managementHost, managementPort];
  const hostname = reachable(listening.replace(/^\[(.*)\]$/, '$1'));
  const asked = { hostname, port: at, path: '/v2/health/ready', timeout: longestMs, agent: false } as const;
  return new Promise((resolve, reject) => {
    const hear = ({ statusCode }: IncomingMessage): void => resolve(statusCode);
    // Whose certificate it is does not matter: nothing is told to it, and it is on this machine.
    const request =
      tlsCert === undefined ? getPlain(asked, hear) : getEncrypted({ ...asked, rejectUnauthorized: false }, hear);
    request.on('timeout', () => request.destroy(new Error(`no answer from ${hostname}:${at} in ${longestMs} ms`)));
    request.on('error', reject);
    request.on('response', () => request.destroy());
  });
}

/** An address that stands for all of this machine's is none to call. */
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host);
