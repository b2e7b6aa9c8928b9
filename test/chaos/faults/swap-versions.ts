import { chaosModel } from '../../support/model-paths.js';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

const versions = [1, 2, 3] as const;

/** Puts versions of the model `times` in place, rewrites and removes them, and adds ones that cannot be loaded. */
export const swapVersions: Fault = async (world, signal) => {
  const { folder, random } = world;
  let present = [1];
  while (!signal.aborted) {
    await pause(random.between(500, 1500), signal);
    const version = random.pick(versions);
    // A version that is there is replaced by a new file of the same content.
    folder.put(chaosModel(`times-${version}`), `times/${version}/model.onnx`);
    note(world, 'versions put in place');
    for (const other of present.filter((one) => one !== version && random.next() < 0.7)) {
      folder.delete(`times/${other}`);
      present = present.filter((one) => one !== other);
    }
    if (!present.includes(version)) present.push(version);
    if (random.next() < 0.3) {
      await pause(random.between(0, 300), signal);
      if (random.next() < 0.5) folder.put(chaosModel('crash-at-load'), 'times/9/model.onnx');
      else folder.write('half a model', 'times/9/model.onnx');
      note(world, 'broken versions put in place');
      await pause(random.between(300, 1200), signal);
      folder.delete('times/9');
    }
  }
};
