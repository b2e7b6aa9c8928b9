import inspector from 'node:inspector/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after, setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { loadConfig } from '../src/config/load-config.js';
import { Service } from '../src/service.js';
import { projectRoot } from './project-root.js';
import { table } from './reliability/table.js';

/**
 * Prints which files and functions of the server's own process one lone request runs, by room: what it does on its way from
 * the socket and back, and nothing that the server does at other times. It is sent once every proof of rows has ended and
 * the code is warm; of several such requests the one in the middle is printed, as timers may come between.
 * Usage: npm run trace -- [--body '{"instances": …}'] [--path /v1/models/iris/predict]
 */
const { values } = parseArgs({
  options: {
    path: { type: 'string', default: '/v1/models/iris/predict' },
    body: { type: 'string', default: '{"instances": [[5.1, 3.5, 1.4, 0.2]]}' },
  },
});

interface FileTrace {
  /** Below src/. */
  readonly file: string;
  readonly functions: readonly { readonly name: string; readonly calls: number }[];
}

const sources = '/dist/src/';
const warmUps = 50;
const samples = 9;

const session = new inspector.Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
const argv = [
  '--models',
  join(projectRoot(), 'models'),
  '--host',
  '127.0.0.1',
  '--port',
  '0',
  '--poll-interval-ms',
  '0',
];
const config = loadConfig({ env: {}, argv, cwd: projectRoot() });
const service = new Service({ config, logger: pino({ level: 'silent' }), version: 'traced' });
const address = new URL(await service.start());
await service.reconciled();
while (
  service.registry.servables().some(({ description: { batching } }) => batching.kind === 'none' && batching.pending)
)
  await after(100);

const socket = connect(Number(address.port), address.hostname);
for (let request = 0; request < warmUps; request++) await ask();
const traces: FileTrace[][] = [];
for (let sample = 0; sample < samples; sample++) traces.push(await trace());
print(traces.sort((a, b) => functionsOf(a) - functionsOf(b))[samples >> 1] as FileTrace[]);
socket.destroy();
await service.stop();
session.disconnect();

async function ask(): Promise<void> {
  const head = `POST ${values.path} HTTP/1.1\r\nHost: traced\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(values.body)}\r\n\r\n`;
  const response = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes))));
  socket.write(head + values.body);
  const [status] = (await response).split('\r\n');
  if (status !== 'HTTP/1.1 200 OK') throw new Error(`expected a response of status 200, got ${status}`);
  // What is left to do once the response is written belongs to the request.
  await turn();
}

async function trace(): Promise<FileTrace[]> {
  await session.post('Profiler.takePreciseCoverage');
  await ask();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.includes(sources))
    .map(({ url, functions }) => ({
      file: url.slice(url.indexOf(sources) + sources.length),
      functions: functions
        .map(({ functionName, ranges: [whole] }) => ({ name: functionName || '(anonymous)', calls: whole?.count ?? 0 }))
        .filter(({ calls }) => calls > 0),
    }))
    .filter(({ functions }) => functions.length > 0);
}

function print(files: readonly FileTrace[]): void {
  const roomOf = ({ file }: FileTrace): string => file.split('/')[0] as string;
  const rooms = [...new Set(files.map(roomOf))].sort();
  const rows = rooms.map((room) =>
    row(
      room,
      files.filter((one) => roomOf(one) === room),
    ),
  );
  console.log(table(['room', 'files', 'functions', 'calls'], [...rows, row('all', files)]));
  for (const { file, functions } of [...files].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    console.log(`${file}: ${functions.map(({ name, calls }) => (calls > 1 ? `${name} ×${calls}` : name)).join(', ')}`);
  }
}

function row(name: string, files: readonly FileTrace[]): string[] {
  const calls = files.flatMap(({ functions }) => functions).reduce((sum, one) => sum + one.calls, 0);
  return [name, String(files.length), String(functionsOf(files)), String(calls)];
}

function functionsOf(files: readonly FileTrace[]): number {
  return files.reduce((sum, { functions }) => sum + functions.length, 0);
}
