import { setTimeout as after } from 'node:timers/promises';
import { endlessCall, poisonCall } from '../../test/chaos/faults/bad-requests.js';
import { enginesOf } from '../../test/support/engines-of.js';
import { chaosModel } from '../../test/support/model-paths.js';
import { division, doubling, multiplying } from '../../test/support/tiny-questions.js';
import { summary } from './latencies.js';
import { type Audience, type Scene, serving, warmUp, watched } from './scene.js';
import { table } from './table.js';

interface Act {
  readonly title: string;
  readonly model: string;
  readonly audience: Audience;
  readonly settings?: object;
  readonly happen: (scene: Scene, seconds: number) => Promise<void>;
}

const calm: Act['happen'] = (_, seconds) => after(seconds * 1000);

/** Does it again and again, a second apart; looks at what came of it at the end. */
const everySecond =
  (event: (scene: Scene, second: number) => Promise<void> | void): Act['happen'] =>
  async (scene, seconds) => {
    const events: unknown[] = [];
    for (let second = 0; second < seconds; second++) {
      events.push(event(scene, second));
      await after(1000);
    }
    await Promise.all(events);
  };

const poisoned = everySecond(async ({ caller }) => {
  const { status, text } = await caller.call(poisonCall);
  if (status !== 500) throw new Error(`the poison got ${status} ${text}`);
});

const killed = everySecond(({ server }) => {
  const [pid] = enginesOf(server, 'divide/1');
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
});

const endlessOnce: Act['happen'] = async ({ caller }) => {
  const { status, text } = await caller.call(endlessCall);
  if (status !== 500) throw new Error(`the endless request got ${status} ${text}`);
};

/** Puts the other of two versions in place. */
const swapped = everySecond(({ folder }, second) => {
  const version = 2 + (second % 2);
  folder.put(chaosModel(`times-${version}`), `times-1/${version}/model.onnx`);
});

const divide = { model: 'divide', audience: { ask: division, count: 64 } };
const spin = { model: 'spin', audience: { ask: doubling('spin', 100), count: 16 } };
const times = { model: 'times-1', audience: { ask: multiplying('times-1'), count: 8 } };

const acts: readonly Act[] = [
  { ...divide, title: '64 callers, nothing happens', happen: calm },
  { ...divide, title: '… one poison request a second', happen: poisoned },
  { ...divide, title: '… the engine process is killed every second', happen: killed },
  { ...divide, title: '… the same with `"spares": 1`', settings: { spares: 1 }, happen: killed },
  { ...spin, title: '16 callers, nothing happens', happen: calm },
  { ...spin, title: '… one endless request', happen: endlessOnce },
  { ...spin, title: '… the same with `"runTimeoutMs": 500`', settings: { runTimeoutMs: 500 }, happen: endlessOnce },
  { ...times, title: '8 callers, nothing happens', happen: calm },
  { ...times, title: '… a new version is loaded every second', happen: swapped },
];

/** What good callers of a small model notice of what happens to it. Rejects where one of them was failed. */
export async function measureMisfortunes(seconds: number): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const { title, model, audience, settings, happen } of acts) {
    const served = { name: model, file: chaosModel(model), ...(settings && { settings }) };
    const latenciesMs = await serving([served], async (scene) => {
      await warmUp(scene, audience);
      return watched(scene, audience, (here) => happen(here, seconds));
    });
    rows.push([title, ...summary(latenciesMs), '0']);
  }
  return table(['while', 'answered right', 'median, ms', '99 %, ms', 'longest, ms', 'failed'], rows);
}
