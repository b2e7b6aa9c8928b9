import { setTimeout as after } from 'node:timers/promises';
import { Caller } from '../../test/chaos/caller.js';
import { GoodClients } from '../../test/chaos/good-clients.js';
import type { Asker } from '../../test/chaos/question.js';
import { everyModelServes } from '../../test/chaos/quiet-state.js';
import { chaosModel } from '../../test/chaos/test-models.js';
import { ModelFolder } from '../../test/end-to-end/model-folder.js';
import { ServerProcess } from '../../test/end-to-end/server-process.js';

export interface SceneOptions {
  /** A model made by tools/models/make-chaos-test-models.py; served under its own name. */
  readonly model: string;
  readonly settings?: object;
  readonly ask: Asker;
  readonly clients: number;
}

export interface Scene {
  readonly server: ServerProcess;
  readonly folder: ModelFolder;
  readonly caller: Caller;
}

/** Serves one model to good clients while `happen` happens; resolves with their latencies. Rejects where one was failed. */
export async function play(
  { model, settings = {}, ask, clients }: SceneOptions,
  happen: (scene: Scene) => Promise<void>,
): Promise<readonly number[]> {
  const folder = new ModelFolder();
  folder.write(JSON.stringify(settings), `${model}/model.json`);
  folder.put(chaosModel(model), `${model}/1/model.onnx`);
  const flags = ['--models', folder.path, '--poll-interval-ms', '200', '--log-successes-per-second', '0'];
  const server = await ServerProcess.start(flags);
  const caller = new Caller(server.origin);
  try {
    await everyModelServes(server);
    const warmingUp = new GoodClients({ caller, ask, count: clients });
    await after(3000);
    await warmingUp.stopAllRight();
    const good = new GoodClients({ caller, ask, count: clients });
    await happen({ server, folder, caller });
    await good.stopAllRight();
    return good.latenciesMs;
  } finally {
    caller.close();
    await server.stop();
    folder.remove();
  }
}
