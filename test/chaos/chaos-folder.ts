import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { readShippedModels } from '../models-shipped/shipped-models.js';
import { putLookup } from '../support/lookup-weights.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel, engineModel } from '../support/model-paths.js';

/** Room for Node and the engine, and far too little for an allocation bomb. */
const bombLimit = '1GiB';

/** So many that some of them share engine processes. */
export const smallModels = 8;

/** `y = zeros(n)`, whole numbers. */
function giantModel(): Uint8Array {
  const graph = new GraphWriter(0);
  const zeros = graph.node('ConstantOfShape', [graph.input('n', ElementType.INT64, [1])]);
  graph.node('Cast', [zeros], { attributes: { to: ElementType.INT32 }, outputs: ['y'] });
  graph.output('y', ElementType.INT32, [null]);
  return graph.finish('giant');
}

/** How many are found out by measuring depends on what else the machine does, and what is loaded must be the same before and after. */
const instances = 1;

/** A repository of the shipped models and of those that the faults are made for. */
export function chaosFolder(): ModelFolder {
  const folder = new ModelFolder();
  const put = (model: string, file: string, json: object = {}): void => {
    folder.write(JSON.stringify({ instances, ...json }), `${model}/model.json`);
    folder.put(file, `${model}/1/model.onnx`);
  };
  for (const { name, directory, versions } of readShippedModels()) {
    const settings = JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8')) as object;
    folder.write(JSON.stringify({ ...settings, $schema: undefined, instances }), `${name}/model.json`);
    for (const version of versions) {
      folder.put(join(directory, String(version), 'model.onnx'), `${name}/${version}/model.onnx`);
    }
  }
  put('spin', chaosModel('spin'), { runTimeoutMs: 400 });
  put('narrow', chaosModel('spin'), { maxQueueRows: 32, batching: 'off' });
  put('restless', chaosModel('spin'));
  put('ones', chaosModel('ones'), { memoryLimitBytes: bombLimit });
  put('times', chaosModel('times-1'));
  put('divide', chaosModel('divide'));
  put('row-sum', engineModel('row-sum'));
  for (let index = 0; index < smallModels; index++) put(`small-${index}`, chaosModel('times-1'));
  folder.write(JSON.stringify({ instances }), 'giant/model.json');
  folder.write(giantModel(), 'giant/1/model.onnx');
  folder.write(JSON.stringify({ instances }), 'lookup/model.json');
  putLookup(folder);
  return folder;
}
