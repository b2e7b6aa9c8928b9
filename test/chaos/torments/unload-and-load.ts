import { oneShot } from '../one-shot.js';
import { pause } from '../pause.js';
import { did, type Torment } from '../world.js';

/** Said of a model whose process was killed at each attempt to load it, by another torment. */
const wasKilled = /ended while it loaded the model: SIGKILL, killed by the operator/;

/** Unloads and loads the model `restless` through the API. */
export const unloadAndLoad: Torment = async (world, signal) => {
  const { server, random, findings } = world;
  while (!signal.aborted) {
    await pause(random.integer(500, 2000), signal);
    for (const verb of ['unload', 'load']) {
      const act = () => oneShot('POST', `${server.origin}/v2/repository/models/restless/${verb}`);
      let { status, text } = await act();
      while (status === 400 && wasKilled.test(text)) {
        did(world, 'loads repeated');
        ({ status, text } = await act());
      }
      if (status !== 200) findings.push(`${verb}: ${status} ${text}`);
      did(world, `${verb}s through the API`);
      await pause(random.integer(0, 300), signal);
    }
  }
};
