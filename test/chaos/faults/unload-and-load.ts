import { oneShot } from '../../support/one-shot.js';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

/** Said of a model whose process was killed at each attempt to load it, by another fault. */
const wasKilled = /ended while it loaded the model: SIGKILL, killed by the operator/;

/** Unloads and loads the model `restless` through the API. */
export const unloadAndLoad: Fault = async (world, signal) => {
  const { server, random, findings } = world;
  while (!signal.aborted) {
    await pause(random.between(500, 2000), signal);
    for (const verb of ['unload', 'load']) {
      const act = () => oneShot('POST', `${server.origin}/v2/repository/models/restless/${verb}`);
      let { status, text, headers } = await act();
      // The second: files are away for now, as another fault has taken the folder.
      while ((status === 400 && wasKilled.test(text)) || (status === 503 && headers['retry-after'] !== undefined)) {
        note(world, 'loads repeated');
        ({ status, text, headers } = await act());
      }
      if (status !== 200) findings.push(`${verb}: ${status} ${text}`);
      note(world, `${verb}s through the API`);
      await pause(random.between(0, 300), signal);
    }
  }
};
