import { setTimeout as after } from 'node:timers/promises';
import { Caller } from '../../test/support/caller.js';
import { GoodClients } from '../../test/support/good-clients.js';
import { ModelFolder } from '../../test/support/model-folder.js';
import type { Asker } from '../../test/support/question.js';
import { everyModelServes } from '../../test/support/quiet-state.js';
import { ServerProcess } from '../../test/support/server-process.js';

/** A model by the name it is served under. */
export interface SceneModel {
  readonly name: string;
  readonly file: string;
  readonly settings?: object;
}

export interface Scene {
  readonly server: ServerProcess;
  readonly folder: ModelFolder;
  readonly caller: Caller;
}

/** Serves the models for as long as `happen` takes; resolves with what it resolves with. */
export async function serving<Result>(
  models: readonly SceneModel[],
  happen: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const folder = new ModelFolder();
  for (const { name, file, settings = {} } of models) {
    folder.write(JSON.stringify(settings), `${name}/model.json`);
    folder.put(file, `${name}/1/model.onnx`);
  }
  const flags = ['--models', folder.path, '--poll-interval-ms', '200', '--log-successes-per-second', '0'];
  const server = await ServerProcess.start(flags);
  const caller = new Caller(server.origin);
  try {
    await everyModelServes(server);
    return await happen({ server, folder, caller });
  } finally {
    caller.close();
    await server.stop();
    folder.remove();
  }
}

export interface Audience {
  readonly ask: Asker;
  readonly count: number;
  /** Between an answer and the next question, at most. */
  readonly longestPauseMs?: number;
}

const warmUpMs = 3000;

/** Resolves once the server has served such an audience for a while. */
export async function warmUp({ caller }: Scene, ...audiences: readonly Audience[]): Promise<void> {
  const all = audiences.map((audience) => new GoodClients({ caller, ...audience }));
  await after(warmUpMs);
  for (const clients of all) await clients.stopAllRight();
}

/** The audience's latencies while `happen` happens. Rejects where one was failed. */
export async function watched(
  scene: Scene,
  audience: Audience,
  happen: (scene: Scene) => Promise<void>,
): Promise<readonly number[]> {
  const good = new GoodClients({ caller: scene.caller, ...audience });
  await happen(scene);
  await good.stopAllRight();
  return good.latenciesMs;
}
