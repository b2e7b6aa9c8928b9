import { setMaxListeners } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';
import { Caller } from '../support/caller.js';
import { CountedIncreases } from '../support/counted-increases.js';
import { askUntil, type GoodTally } from '../support/good-client.js';
import { getJson } from '../support/one-shot.js';
import { isAlive } from '../support/process-state.js';
import { everyModelServes, metricsOf, quietState } from '../support/quiet-state.js';
import { Random } from '../support/random.js';
import { type LogLine, ServerProcess } from '../support/server-process.js';
import { chaosFolder } from './chaos-folder.js';
import type { ChaosReport } from './chaos-report.js';
import { crowd, type Group } from './crowd.js';
import { allocationBombs, endlessRuns, mistakes, poison } from './faults/bad-requests.js';
import { crashingLoads } from './faults/crashing-loads.js';
import { floods } from './faults/floods.js';
import { freezeEngines } from './faults/freeze-engines.js';
import { freezeForkServer } from './faults/freeze-fork-server.js';
import { giantAnswers } from './faults/giant-answers.js';
import { hangUps } from './faults/hang-ups.js';
import { haste } from './faults/haste.js';
import { killEngines } from './faults/kill-engines.js';
import { oddHeaders } from './faults/odd-headers.js';
import { readersThatStop } from './faults/readers-that-stop.js';
import { slowBodies } from './faults/slow-bodies.js';
import { swapVersions } from './faults/swap-versions.js';
import { unloadAndLoad } from './faults/unload-and-load.js';
import { vanishingFolder } from './faults/vanishing-folder.js';
import { weightsInPlace } from './faults/weights-in-place.js';
import { ledgerCounters } from './request-balance.js';
import { type WorkerSample, watchWorker } from './worker-watch.js';
import type { Fault, World } from './world.js';

export interface ChaosOptions {
  readonly seconds: number;
  /** What is random comes again with the same seed, as far as machines let it. */
  readonly seed: number;
  readonly onSample?: (sample: WorkerSample) => void;
}

const faults: readonly Fault[] = [
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
  oddHeaders,
  giantAnswers,
  readersThatStop,
  crashingLoads,
  weightsInPlace,
  freezeForkServer,
  vanishingFolder,
  slowBodies,
];

const collector = new URL('../support/collect-garbage.js', import.meta.url).href;
/** A small heap: garbage is soon collected, so that what grows is a leak. */
const env = { NODE_OPTIONS: `--max-old-space-size=96 --import=${collector}` };
const flags = [
  ...['--poll-interval-ms', '100'],
  ...['--log-successes-per-second', '0'],
  ...['--load-timeout-ms', '20000'],
  ...['--max-response-bytes', '128MiB'],
];
const longestPauseMs = 30;
const keptLines = 1000;

/** Serves good callers and injects faults into the server meanwhile; then lets everything come to rest, looks, and stops it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = chaosFolder();
  const entrance = `${folder.path}-entrance`;
  symlinkSync(folder.path, entrance);
  try {
    const server = await ServerProcess.start(['--models', entrance, ...flags], env);
    try {
      return await injectFaults({ server, folder, entrance }, options);
    } finally {
      await server.stop('SIGKILL');
    }
  } finally {
    rmSync(entrance, { force: true });
    folder.remove();
  }
}

async function injectFaults(
  served: Pick<World, 'server' | 'folder' | 'entrance'>,
  options: ChaosOptions,
): Promise<ChaosReport> {
  const { server } = served;
  const { seconds, seed, onSample } = options;
  await everyModelServes(server);
  const before = await quietState(server);
  const random = new Random(seed);
  const caller = new Caller(server.origin);
  const world: World = { ...served, caller, random, events: new Map(), findings: [] };
  const samples: WorkerSample[] = [];
  // A version's series leave the page some time after it.
  const counted = new CountedIncreases(ledgerCounters);
  const watching = new AbortController();
  const watch = watchWorker(server, watching.signal, {
    everyMs: 1000,
    onSample: (sample, page) => {
      samples.push(sample);
      counted.take(page);
      forget(server.log);
      onSample?.(sample);
    },
    onProblem: (problem) => world.findings.push(problem),
  });
  const over = AbortSignal.timeout(seconds * 1000);
  setMaxListeners(0, over);
  const asked = Promise.all(crowd().map(async (group) => [group.name, await askAll(group, world, over)] as const));
  await Promise.all([asked, ...faults.map((inject) => inject(world, over))]);
  const good = new Map(await asked);
  watching.abort();
  await watch;
  caller.close();
  await everyModelServes(server).catch(async () => {
    const { models } = (await getJson(`${server.origin}/v1/models`)) as { models: { state: string }[] };
    const down = models.filter(({ state }) => state !== 'AVAILABLE');
    world.findings.push(`not every model came back: ${JSON.stringify(down)}`);
  });
  const after = await quietState(server, before);
  counted.take(await metricsOf(server));
  const processes = server.descendants();
  const exitCode = await server.stop('SIGTERM');
  const orphans = processes.filter(isAlive);
  const { events, findings } = world;
  const { ledger } = caller;
  return {
    seed,
    seconds,
    good,
    events,
    findings,
    ledger,
    page: counted.page,
    before,
    after,
    samples,
    exitCode,
    orphans,
    unforeseen: server.log.filter(isUnforeseen),
  };
}

async function askAll(
  { ask, clients, mayBeRejected = false }: Group,
  world: World,
  over: AbortSignal,
): Promise<GoodTally> {
  const { caller, random } = world;
  const tallies = await Promise.all(
    Array.from({ length: clients }, () => askUntil(over, { caller, random, ask, longestPauseMs, mayBeRejected })),
  );
  return {
    asked: tallies.reduce((sum, { asked }) => sum + asked, 0),
    right: tallies.reduce((sum, { right }) => sum + right, 0),
    rejected: tallies.reduce((sum, { rejected }) => sum + rejected, 0),
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
