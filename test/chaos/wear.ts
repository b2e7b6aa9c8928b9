import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enginesOf } from '../support/engines-of.js';
import { lookupValues, overwriteLookup, putLookup } from '../support/lookup-weights.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { everyModelServes } from '../support/quiet-state.js';
import { ServerProcess } from '../support/server-process.js';
import { type Resources, resourcesOf } from './resources.js';

export interface WearOptions {
  /** Before it is first looked at: caches fill, code is compiled. */
  readonly firstRounds: number;
  readonly rounds: number;
  readonly onRound?: (round: number) => void;
}

export interface Wear {
  readonly before: Resources;
  readonly after: Resources;
}

const reporter = new URL('./resource-reporter.js', import.meta.url).href;

/**
 * Wears a server out: each round swaps a version, loads one that fails and one that ends its process, unloads and loads
 * through the API, writes external weights over, and kills an engine process.
 */
export async function wear({ firstRounds, rounds, onRound }: WearOptions): Promise<Wear> {
  const folder = new ModelFolder();
  const temporary = mkdtempSync(join(tmpdir(), 'slipway-test-wear-'));
  try {
    for (const model of ['swapped', 'killed', 'restless', 'failing', 'crashing']) {
      folder.write('{"instances": 1}', `${model}/model.json`);
      folder.put(chaosModel('times-1'), `${model}/1/model.onnx`);
    }
    folder.write('{"instances": 1}', 'lookup/model.json');
    putLookup(folder);
    const env = { TMPDIR: temporary, NODE_OPTIONS: `--import=${reporter}`, SLIPWAY_TEST_RESOURCES: 'on' };
    const flags = ['--models', folder.path, '--poll-interval-ms', '50', '--log-successes-per-second', '0'];
    const server = await ServerProcess.start(flags, env);
    try {
      await everyModelServes(server);
      const round = roundsOf(server, folder);
      for (let count = 1; count <= firstRounds; count++) await round(count);
      const before = await atRest(server, temporary);
      for (let count = 1; count <= rounds; count++) {
        await round(count);
        onRound?.(count);
        // Hours of lines would not fit into memory.
        server.log.splice(0);
      }
      return { before, after: await atRest(server, temporary, before) };
    } finally {
      await server.stop('SIGKILL');
    }
  } finally {
    folder.remove();
    rmSync(temporary, { recursive: true, force: true });
  }
}

function roundsOf(server: ServerProcess, folder: ModelFolder): (round: number) => Promise<void> {
  const statusOf = async (model: string, version: number) => {
    const { body } = await server.get(`/v1/models/${model}`, { connection: 'close' });
    return body.model_version_status?.find((one: { version: string }) => one.version === String(version));
  };
  const predict = (model: string, instances: unknown) =>
    server.post(`/v1/models/${model}/predict`, { instances }, { connection: 'close' });
  const answers = async (model: string, instances: unknown, expected: unknown): Promise<boolean> => {
    const { status, body } = await predict(model, instances);
    return status === 200 && JSON.stringify(body.predictions?.[0]) === JSON.stringify(expected);
  };
  const fails = async (model: string, put: () => void): Promise<void> => {
    put();
    await server.until(async () => (await statusOf(model, 2))?.state === 'END', `done with ${model}`);
    folder.delete(`${model}/2`);
    await server.until(async () => (await statusOf(model, 2)) === undefined, `rid of ${model}`);
  };
  return async (round) => {
    const factor = 1 + (round % 3);
    const value = lookupValues[round % lookupValues.length] as number;
    folder.put(chaosModel(`times-${factor}`), 'swapped/1/model.onnx');
    for (const _ of overwriteLookup(folder.path, value));
    for (const pid of enginesOf(server, 'killed/1')) process.kill(pid, 'SIGKILL');
    await Promise.all([
      server.until(() => answers('swapped', [[1, 2]], [factor, 2 * factor]), 'swapped'),
      server.until(() => answers('lookup', [0], value), 'at the new weights'),
      server.until(() => answers('killed', [[1, 2]], [1, 2]), 'started again'),
      fails('failing', () => folder.write('half a model', 'failing/2/model.onnx')),
      fails('crashing', () => folder.put(chaosModel('crash-at-load'), 'crashing/2/model.onnx')),
      (async () => {
        await server.post('/v2/repository/models/restless/unload', '', { connection: 'close' });
        await server.post('/v2/repository/models/restless/load', '', { connection: 'close' });
      })(),
    ]);
  };
}

/** Once nothing is loaded or unloaded any more; as it is after some seconds where it does not become as it was. */
async function atRest(server: ServerProcess, temporary: string, earlier?: Resources): Promise<Resources> {
  await everyModelServes(server);
  for (let turn = 0; ; turn++) {
    const resources = await resourcesOf(server, temporary);
    const isAsBefore = earlier === undefined ? turn > 10 : leaks({ before: earlier, after: resources }, 1).length === 0;
    if (isAsBefore || turn === 60) return resources;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What is more than before, a line each: nothing that can be counted, and of memory little for each round. */
export function leaks({ before, after }: Wear, rounds: number): readonly string[] {
  const counted = [
    'timers',
    'handles',
    'listeners',
    'workerFiles',
    'forkServerFiles',
    'processes',
    'temporaryFiles',
  ] as const;
  const grown = (what: keyof Resources, allowed: number): string[] =>
    after[what] - before[what] <= allowed ? [] : [`${what}: ${before[what]} before, ${after[what]} after`];
  return [
    ...counted.flatMap((what) => grown(what, 0)),
    ...grown('heapBytes', freeBytes + rounds * bytesPerRound),
    ...grown('bufferBytes', freeBytes),
    ...grown('forkServerBytes', forkServerFreeBytes + rounds * bytesPerRound),
  ];
}

/** Of code that is compiled, and of caches. */
const freeBytes = 3 * 2 ** 20;
/** The fork server's memory is what the system gave it, garbage included. */
const forkServerFreeBytes = 24 * 2 ** 20;
/** Each round loads some six versions. */
const bytesPerRound = 2 * 2 ** 10;
