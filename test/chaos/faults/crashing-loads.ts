import { chaosModel } from '../../support/model-paths.js';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

/** Puts models in place that end the engine process in which they are loaded, among small ones that share theirs. */
export const crashingLoads: Fault = async (world, signal) => {
  const { folder, random } = world;
  while (!signal.aborted) {
    await pause(random.between(1000, 3000), signal);
    if (signal.aborted) break;
    folder.put(chaosModel('crash-at-load'), 'crasher/1/model.onnx');
    note(world, 'crashing loads');
    await pause(random.between(500, 2500), signal);
    folder.delete('crasher');
  }
};
