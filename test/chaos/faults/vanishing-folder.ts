import { rmSync, symlinkSync } from 'node:fs';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

/** Takes the folder of models away, as a network file system does that is not there for a moment, and brings it back. */
export const vanishingFolder: Fault = async (world, signal) => {
  const { entrance, folder, random } = world;
  while (!signal.aborted) {
    await pause(random.between(4000, 9000), signal);
    if (signal.aborted) break;
    rmSync(entrance);
    note(world, 'folders vanished');
    await pause(random.between(100, 2500), signal);
    symlinkSync(folder.path, entrance);
  }
};
