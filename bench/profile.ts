/**
 * Where the worker's CPU time goes under many callers, by room of src/, in µs a request: server and engine on one core, the
 * load generator on another. V8 samples by the clock, so a place where the engine takes the core away counts for more; with
 * many callers that hits all places alike. The profiles stay in bench/profiles/ for a flame graph (the Performance panel of Chromium's developer tools
 * opens them).
 *
 *   npm run build && node dist/bench/profile.js [WORKLOAD[:CONNECTIONS]…]
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../tools/project-root.js';
import { AnnouncedServer } from './contenders/announced-server.js';
import { slipwayRequests } from './contenders/servers.js';
import { LoadGenerator } from './load/load-generator.js';
import { planCores } from './machine/cores.js';
import { type CpuProfile, timeByPlace } from './profile/time-by-place.js';
import { type ModelName, modelFile, modelFolder } from './recipes/make-models.js';
import { figure, table } from './report/markdown.js';
import { workload, workloadNames } from './workloads/workloads.js';

const profiles = join(projectRoot(), 'bench/profiles');
const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const warmupMs = 5000;
const durationMs = 4000;
/** Until thousands of connections are open. */
const lettingInMs = 3000;

const usualConnections = (model: ModelName): number => (model === 'resnet-50' ? 16 : 64);

const chosen = process.argv.slice(2);
const plans = (chosen.length > 0 ? chosen : workloadNames).map((text) => {
  const [name, connections] = text.split(':');
  const model = workloadNames.find((known) => known === name);
  if (model === undefined) throw new Error(`"${name}" is none of the workloads: ${workloadNames.join(', ')}`);
  return { model, connections: connections === undefined ? usualConnections(model) : Number(connections) };
});
const cores = planCores();
const generator = new LoadGenerator(cores.generator);
mkdirSync(profiles, { recursive: true });
try {
  for (const { model, connections } of plans) await profile(model, connections);
} finally {
  generator.stop();
}

async function profile(model: ModelName, connections: number): Promise<void> {
  const file = join(profiles, `${model}-${connections}.cpuprofile`);
  rmSync(file, { force: true });
  modelFile(model);
  // The single modules rather than the bundle: their addresses say where they belong.
  const profiler = [
    'env',
    `PROFILE_FILE=${file}`,
    process.execPath,
    `--import=${program('./profile/window-profiler.js')}`,
  ];
  const address = ['--host', '127.0.0.1', '--port', '0', '--models', modelFolder(model), '--model-name', model];
  const argv = [...profiler, program('../src/main.js'), 'serve', ...address];
  const server = await AnnouncedServer.launch({ argv, cores: cores.server });
  try {
    await server.ready('/v2/health/ready');
    const { host, port, pid } = server;
    const requests = slipwayRequests(workload(model), 'v1');
    const plan = { host, port, pid, requests, pace: { kind: 'closed', connections } as const };
    await generator.run({ ...plan, warmupMs: 0, durationMs: warmupMs });
    const { processCpuUs, byStatus } = await generator.run({ ...plan, warmupMs: lettingInMs, durationMs });
    const cpuUs = processCpuUs / (byStatus[200]?.count ?? Number.NaN);
    const profiled = generator.run({ ...plan, warmupMs: lettingInMs, durationMs });
    await after(lettingInMs);
    process.kill(pid, 'SIGUSR2');
    await profiled;
    process.kill(pid, 'SIGUSR2');
    while (!existsSync(file)) await after(20);
    const rows = timeByPlace(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile)
      .filter(([, share]) => share >= 0.005)
      .map(([place, share]) => [place, figure(share * cpuUs), `${figure(100 * share)} %`]);
    console.log(`\n### ${model}, ${connections} connections: ${figure(cpuUs)} µs of the worker a request\n`);
    console.log(table(['where', 'µs', 'share'], rows));
  } finally {
    await server.stop();
  }
}
