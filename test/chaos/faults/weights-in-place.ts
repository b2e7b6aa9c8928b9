import { lookupValues, overwriteLookup } from '../../support/lookup-weights.js';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

/**
 * Writes the weights of the model `lookup` over in place, one after the other, as `rsync --inplace` does. Between two of
 * them nothing else is done here: a writer who rested for as long as files must lie still would have asked for what it gets.
 */
export const weightsInPlace: Fault = async (world, signal) => {
  const { folder, random } = world;
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 1; !signal.aborted; turn++) {
    await pause(random.between(500, 2500), signal);
    if (signal.aborted) break;
    for (const _ of overwriteLookup(folder.path, lookupValues[turn % lookupValues.length] as number)) {
      Atomics.wait(still, 0, 0, random.between(0, 3));
    }
    note(world, 'weights written over in place');
  }
};
