import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ElementType, GraphWriter } from '../bench/recipes/graph-writer.js';
import { ModelFolder } from '../test/support/model-folder.js';
import { ServerProcess } from '../test/support/server-process.js';
import { table } from './reliability/table.js';

/**
 * Prints what a server that nobody asks takes of a core, all its processes together, once every model serves, the proof of
 * its rows is done, and its folders are watched. Usage: measure-rest.js
 * [--seconds 30] [--flags "--workers 2"] [MODELSxVERSIONS …], such as 1x1 50x1 1000x2.
 */
const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, flags: { type: 'string', default: '' } },
  allowPositionals: true,
});
const worlds = positionals.length > 0 ? positionals : ['1x1', '50x1', '1000x2'];

/** Of Linux, as `/proc/PID/stat` counts: it is 100 wherever Node runs. */
const ticksPerSecond = 100;

const rows: string[][] = [];
for (const world of worlds) {
  const [, models, versions] = /^(\d+)x(\d+)$/.exec(world) ?? [];
  if (models === undefined) throw new Error(`expected MODELSxVERSIONS, got ${world}`);
  rows.push([models, String(Number(models) * Number(versions)), ...(await measure(Number(models), Number(versions)))]);
}
console.log(table(['models', 'versions', 'processes', 'of a core', 'worker', 'engines'], rows));

async function measure(models: number, versions: number): Promise<string[]> {
  const folder = new ModelFolder();
  for (let model = 0; model < models; model++) {
    folder.write(JSON.stringify({ versionPolicy: 'all' }), `model-${model}/model.json`);
    for (let version = 1; version <= versions; version++) {
      folder.write(tinyModel(model * versions + version), `model-${model}/${version}/model.onnx`);
    }
  }
  const flags = values.flags.split(' ').filter((flag) => flag !== '');
  const server = await ServerProcess.start(['--models', folder.path, ...flags]);
  try {
    await untilServing(server, models * versions);
    for (let model = 0; model < models; model++) {
      for (let version = 1; version <= versions; version++) await untilProven(server, `model-${model}`, version);
    }
    await untilWatched(server.child.pid as number);
    // What follows that is not rest: V8 gives memory back a minute after the last request, and sampling slows down.
    await after(90_000);
    const pids = [server.child.pid as number, ...server.descendants()];
    const before = pids.map(ticksOf);
    const startedAtMs = performance.now();
    await after(Number(values.seconds) * 1000);
    const seconds = (performance.now() - startedAtMs) / 1000;
    const spent = pids.map((pid, index) => ticksOf(pid) - (before[index] as number));
    const share = (ticks: number): string => `${((100 * ticks) / ticksPerSecond / seconds).toFixed(2)} %`;
    const [worker = 0, ...others] = spent;
    const engines = others.reduce((sum, ticks) => sum + ticks, 0);
    return [String(pids.length), share(worker + engines), share(worker), share(engines)];
  } finally {
    await server.stop();
    folder.remove();
  }
}

/** Thousands of models take minutes to load. */
async function untilServing(server: ServerProcess, versions: number): Promise<void> {
  const giveUpAtMs = performance.now() + 30 * 60_000;
  let ready = 0;
  while (ready < versions) {
    if (performance.now() > giveUpAtMs)
      throw new Error(`only ${ready} of ${versions} versions serve after half an hour`);
    await after(1000);
    ready = ((await server.post('/v2/repository/index', { ready: true })).body as unknown[]).length;
  }
}

async function untilProven(server: ServerProcess, name: string, version: number): Promise<void> {
  const isPending = async (): Promise<boolean> => {
    const { body } = await server.get(`/v1/models/${name}/versions/${version}/metadata`);
    return body.model_info.batching.pending === true;
  };
  while (await isPending()) await after(500);
}

/** Folders begin to be watched over several looks. */
async function untilWatched(pid: number): Promise<void> {
  let last = 0;
  for (let same = 0; last === 0 || same < 5; ) {
    await after(1000);
    const now = watches(pid);
    same = now === last ? same + 1 : 0;
    last = now;
  }
}

/** Folders that the process has the kernel tell of; another worker than the one asked does the same. */
function watches(pid: number): number {
  const pids = [pid, ...childrenOf(pid)];
  return pids.reduce((sum, one) => sum + watchesOf(one), 0);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function watchesOf(pid: number): number {
  const texts = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  return texts.reduce((sum, text) => sum + text.split('inotify wd:').length - 1, 0);
}

/** A linear model of its own for each seed. */
function tinyModel(seed: number): Uint8Array {
  const graph = new GraphWriter(seed);
  const product = graph.node('MatMul', [graph.input('x', ElementType.FLOAT, ['batch', 4]), graph.weights([4, 3], 1)]);
  graph.node('Relu', [product], { outputs: ['y'] });
  graph.output('y', ElementType.FLOAT, ['batch', 3]);
  return graph.finish('tiny');
}

/** User and system time. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
