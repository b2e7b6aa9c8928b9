import type { ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startCommand, stopCommand, untilAnswering } from './commands.js';
import { projectPath, projectText } from './deployment-files.js';

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a gateway with the project's own configuration in front of `servers` (`host:port`). */
export type StartGateway = (servers: readonly string[]) => Promise<Gateway>;

const logIn = (folder: string): string => join(folder, 'log');

const running = async (child: ChildProcess, port: number, folder: string): Promise<Gateway> => {
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await stopCommand(child);
    rmSync(folder, { recursive: true });
  };
  try {
    await untilAnswering(`${url}/metrics`, child, logIn(folder));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
};

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  chmodSync(folder, 0o755);
  return folder;
};

export const startNginx: StartGateway = async (servers) => {
  const folder = temporaryFolder();
  const port = await freePort();
  cpSync(projectPath('deploy/nginx'), folder, { recursive: true });
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll('/tmp/', `${folder}/`));
  writeFileSync(
    join(folder, 'endpoints/upstream.conf'),
    servers.map((server) => `server ${server} max_fails=0;\n`).join(''),
  );
  writeFileSync(join(folder, 'endpoints/listen.conf'), `listen 127.0.0.1:${port};\n`);
  const child = startCommand('nginx', ['-e', 'stderr', '-c', config, '-g', 'daemon off;'], { logPath: logIn(folder) });
  return running(child, port, folder);
};

export interface HaproxyOptions {
  /** Sends each model to one server, however busy it is. */
  readonly byModel?: boolean;
  /** Between two questions whether a server is ready. Default: the configuration's. */
  readonly checkIntervalMs?: number;
}

export const startHaproxy = async (servers: readonly string[], options: HaproxyOptions = {}): Promise<Gateway> => {
  const folder = temporaryFolder();
  const port = await freePort();
  const config = join(folder, 'haproxy.cfg');
  const lines = projectText('deploy/haproxy/haproxy.cfg')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('check inter 1s', `check inter ${options.checkIntervalMs ?? 1000}ms`)
    .split('\n')
    .filter((line) => !/^ {2}server /.test(line))
    .filter((line) => !options.byModel || line !== '  balance leastconn')
    .map((line) => (options.byModel ? line.replace(/^ {2}# (?=balance hash|hash-type)/, '  ') : line));
  // The backend is the last section of the file.
  writeFileSync(config, [...lines, ...servers.map((server, index) => `  server s${index} ${server}`), ''].join('\n'));
  const child = startCommand('haproxy', ['-db', '-f', config], { logPath: logIn(folder) });
  return running(child, port, folder);
};
