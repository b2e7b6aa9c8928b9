import { setTimeout as after } from 'node:timers/promises';
import { enginesOf } from '../test/chaos/engines-of.js';
import { chaosModel } from '../test/chaos/test-models.js';
import { division, doubling, multiplying } from '../test/chaos/tiny-questions.js';
import { endlessCall, poisonCall } from '../test/chaos/torments/bad-requests.js';
import { summary } from './reliability/latencies.js';
import { play, type Scene } from './reliability/scene.js';

/**
 * Prints what good callers of a model notice of the misfortunes in docs/reliability.md. Usage: measure-reliability.js
 * [SECONDS of each, 60]
 */
const seconds = Number(process.argv[2] ?? 60);

/** Does it again and again, a second apart. */
const everySecond =
  (deed: (scene: Scene) => Promise<unknown> | unknown) =>
  async (scene: Scene): Promise<void> => {
    const deeds: unknown[] = [];
    for (let second = 0; second < seconds; second++) {
      deeds.push(deed(scene));
      await after(1000);
    }
    await Promise.all(deeds);
  };

const calm = (): Promise<void> => after(seconds * 1000);
const killOne = ({ server }: Scene): void => {
  const [pid] = enginesOf(server, 'divide/1');
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
};

async function endlessOnce({ caller }: Scene): Promise<void> {
  const startedAtMs = performance.now();
  const { status } = await caller.call(endlessCall);
  console.error(`the endless request got ${status} after ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
}

/** Puts the other of two versions in place every second. */
async function swap({ folder }: Scene): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const version = 2 + (second % 2);
    folder.put(chaosModel(`times-${version}`), `times-1/${version}/model.onnx`);
    await after(1000);
  }
}

const divide = { model: 'divide', ask: division, clients: 64 };
const spin = { model: 'spin', ask: doubling('spin', 100), clients: 16 };
const times = { model: 'times-1', ask: multiplying('times-1'), clients: 8 };

const scenes = [
  ['64 callers, nothing happens', divide, calm],
  ['… one poison request a second', divide, everySecond(({ caller }) => caller.call(poisonCall))],
  ['… the engine process is killed every second', divide, everySecond(killOne)],
  ['… the same with `"spares": 1`', { ...divide, settings: { spares: 1 } }, everySecond(killOne)],
  ['16 callers, nothing happens', spin, calm],
  ['… one endless request', spin, endlessOnce],
  ['… the same with `"runTimeoutMs": 500`', { ...spin, settings: { runTimeoutMs: 500 } }, endlessOnce],
  ['8 callers, nothing happens', times, calm],
  ['… a new version is loaded every second', times, swap],
] as const;

console.log('| while | answered | median, ms | 99 %, ms | longest, ms |');
console.log('| --- | ---: | ---: | ---: | ---: |');
for (const [name, options, happen] of scenes) {
  console.log(`| ${[name, ...summary(await play(options, happen))].join(' | ')} |`);
}
