import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { modelFile } from '../../bench/recipes/make-models.js';
import { requestBody } from '../../bench/workloads/request-body.js';
import { workload } from '../../bench/workloads/workloads.js';
import { enginesOf } from '../../test/support/engines-of.js';
import { GoodClients } from '../../test/support/good-clients.js';
import type { ServerProcess } from '../../test/support/server-process.js';
import { summary } from './latencies.js';
import { repeating } from './repeated-question.js';
import { type Audience, type Scene, serving, warmUp, watched } from './scene.js';
import { table } from './table.js';

const model = 'text-encoder';
const floodCallers = 16;
/** Kernel's unit of processor time, of which there are 100 in a second on every Linux in use. */
const ticksPerSecond = 100;

function audienceOf(name: string, count: number, longestPauseMs: number): Audience {
  const [question = []] = workload(model).questions;
  const body = Buffer.from(requestBody('v1', question).bytes).toString();
  return { ask: repeating(`/v1/models/${name}/predict`, body), count, longestPauseMs };
}

const light = audienceOf('light', 1, 50);
const flood = (name: string): Audience => audienceOf(name, floodCallers, 0);

const twoInstances = (name: string) => ({ name, file: modelFile(model), settings: { instances: 2 } });

/** What a model with little to do notices of others that are flooded, on two cores. */
export async function measureLightBesideFlooded(seconds: number): Promise<string> {
  const floods = ['flood-1', 'flood-2', 'flood-3'];
  const rows = await serving(['light', ...floods].map(twoInstances), async (scene) => {
    const found: (readonly string[])[] = [];
    await warmUp(scene, light, ...floods.map(flood));
    for (const flooded of [[], floods.slice(0, 1), floods]) {
      const crowd = flooded.map((name) => new GoodClients({ caller: scene.caller, ...flood(name) }));
      const latenciesMs = await watched(scene, light, () => after(seconds * 1000));
      for (const clients of crowd) await clients.stopAllRight();
      found.push([`${flooded.length} flooded models`, ...summary(latenciesMs)]);
    }
    return found;
  });
  return table(['a caller of another model, beside', 'answered', 'median, ms', '99 %, ms', 'longest, ms'], rows);
}

/** How processor time is shared among models that all have more to do than they can. */
export async function measureShares(seconds: number): Promise<string> {
  const equal = ['a', 'b', 'c'].map(twoInstances);
  const unequal = [twoInstances('a'), twoInstances('b'), { ...twoInstances('c'), settings: { instances: 1 } }];
  const rows: (readonly string[])[] = [];
  for (const [title, models] of [
    ['two instances each', equal],
    ['two, two and one instance', unequal],
  ] as const) {
    const shares = await serving(models, (scene) =>
      sharesOf(
        scene,
        models.map(({ name }) => name),
        seconds,
      ),
    );
    rows.push([title, ...shares.map((share) => `${(100 * share).toFixed(0)} %`)]);
  }
  return table(['three flooded models', 'a', 'b', 'c'], rows);
}

/** Of the processor time that the models' engine processes had together. */
async function sharesOf(scene: Scene, names: readonly string[], seconds: number): Promise<readonly number[]> {
  await warmUp(scene, ...names.map(flood));
  const crowd = names.map((name) => new GoodClients({ caller: scene.caller, ...flood(name) }));
  await after(1000);
  const before = names.map((name) => engineSeconds(scene.server, name));
  await after(seconds * 1000);
  const used = names.map((name, index) => engineSeconds(scene.server, name) - (before[index] as number));
  for (const clients of crowd) await clients.stopAllRight();
  const total = used.reduce((sum, each) => sum + each, 0);
  return used.map((each) => each / total);
}

const engineSeconds = (server: ServerProcess, name: string): number =>
  enginesOf(server, `${name}/1`).reduce((sum, pid) => sum + processorSeconds(pid), 0);

function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / ticksPerSecond;
}
