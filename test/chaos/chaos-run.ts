import { setMaxListeners } from 'node:events';
import type { ModelFolder } from '../end-to-end/model-folder.js';
import { type LogLine, ServerProcess } from '../end-to-end/server-process.js';
import { Caller } from './caller.js';
import { chaosFolder } from './chaos-folder.js';
import type { ChaosReport } from './chaos-report.js';
import { crowd, type Group } from './crowd.js';
import { type FrontSample, watchFront } from './front-watch.js';
import { askUntil, type GoodTally } from './good-client.js';
import { everyModelServes, metricsOf, quietState } from './quiet-state.js';
import { Random } from './random.js';
import { allocationBombs, endlessRuns, mistakes, poison } from './torments/bad-requests.js';
import { floods } from './torments/floods.js';
import { freezeEngines } from './torments/freeze-engines.js';
import { hangUps } from './torments/hang-ups.js';
import { haste } from './torments/haste.js';
import { killEngines } from './torments/kill-engines.js';
import { swapVersions } from './torments/swap-versions.js';
import { unloadAndLoad } from './torments/unload-and-load.js';
import type { Torment, World } from './world.js';

export interface ChaosOptions {
  readonly seconds: number;
  /** What is random comes again with the same seed, as far as machines let it. */
  readonly seed: number;
  readonly onSample?: (sample: FrontSample) => void;
}

const torments: readonly Torment[] = [
  killEngines,
  freezeEngines,
  poison,
  endlessRuns,
  allocationBombs,
  mistakes,
  hangUps,
  haste,
  floods,
  swapVersions,
  unloadAndLoad,
];

/** A small heap: garbage is soon collected, so that what grows is a leak. */
const env = { NODE_OPTIONS: '--max-old-space-size=96' };
const flags = ['--poll-interval-ms', '100', '--log-successes-per-second', '0', '--load-timeout-ms', '20000'];
const longestPauseMs = 30;
const keptLines = 1000;

/** Serves good callers and torments the server meanwhile; then lets everything come to rest, looks, and stops it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = chaosFolder();
  try {
    const server = await ServerProcess.start(['--models', folder.path, ...flags], env);
    try {
      return await torment(server, folder, options);
    } finally {
      await server.stop('SIGKILL');
    }
  } finally {
    folder.remove();
  }
}

async function torment(server: ServerProcess, folder: ModelFolder, options: ChaosOptions): Promise<ChaosReport> {
  const { seconds, seed, onSample } = options;
  await everyModelServes(server);
  const before = await quietState(server);
  const random = new Random(seed);
  const caller = new Caller(server.origin);
  const world: World = { server, folder, caller, random, deeds: new Map(), findings: [] };
  const samples: FrontSample[] = [];
  const watching = new AbortController();
  const watch = watchFront(server, watching.signal, {
    everyMs: 1000,
    onSample: (sample) => {
      samples.push(sample);
      forget(server.log);
      onSample?.(sample);
    },
  });
  const over = AbortSignal.timeout(seconds * 1000);
  setMaxListeners(0, over);
  const asked = crowd().map(async (group) => [group.name, await askAll(group, world, over)] as const);
  await Promise.all(torments.map((inflict) => inflict(world, over)));
  const good = new Map(await Promise.all(asked));
  watching.abort();
  await watch;
  caller.close();
  await everyModelServes(server);
  const after = await quietState(server, before);
  const page = await metricsOf(server);
  const processes = server.descendants();
  const exitCode = await server.stop('SIGTERM');
  const orphans = processes.filter(isAlive);
  const { deeds, findings } = world;
  const { books } = caller;
  return {
    seed,
    seconds,
    good,
    deeds,
    findings,
    books,
    page,
    before,
    after,
    samples,
    exitCode,
    orphans,
    unforeseen: server.log.filter(isUnforeseen),
  };
}

async function askAll(
  { ask, clients, mayBeRefused = false }: Group,
  world: World,
  over: AbortSignal,
): Promise<GoodTally> {
  const { caller, random } = world;
  const tallies = await Promise.all(
    Array.from({ length: clients }, () => askUntil(over, { caller, random, ask, longestPauseMs, mayBeRefused })),
  );
  return {
    asked: tallies.reduce((sum, { asked }) => sum + asked, 0),
    right: tallies.reduce((sum, { right }) => sum + right, 0),
    refused: tallies.reduce((sum, { refused }) => sum + refused, 0),
    wrong: tallies.flatMap(({ wrong }) => wrong),
  };
}

const isUnforeseen = ({ level, msg }: LogLine): boolean => level === 'fatal' || msg.includes('nobody foresaw');

/** All but the last lines that need no attention: hours of them would not fit into memory. */
function forget(log: LogLine[]): void {
  if (log.length < 2 * keptLines) return;
  const old = log.splice(0, log.length - keptLines);
  log.unshift(...old.filter(isUnforeseen));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
