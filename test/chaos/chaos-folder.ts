import { join } from 'node:path';
import { ModelFolder } from '../end-to-end/model-folder.js';
import { readShippedModels } from '../models-shipped/shipped-models.js';
import { chaosModel, engineModel } from './test-models.js';

/** Room for Node and the engine, and far too little for an allocation bomb. */
const bombLimit = '1GiB';

/** A repository of the shipped models and of those that the torments are made for. */
export function chaosFolder(): ModelFolder {
  const folder = new ModelFolder();
  for (const { name, directory, versions } of readShippedModels()) {
    folder.put(join(directory, 'model.json'), `${name}/model.json`);
    for (const version of versions) {
      folder.put(join(directory, String(version), 'model.onnx'), `${name}/${version}/model.onnx`);
    }
  }
  const settings = (model: string, json: object): void => folder.write(JSON.stringify(json), `${model}/model.json`);
  settings('spin', { runTimeoutMs: 400 });
  settings('narrow', { maxQueueRows: 32, batching: 'off' });
  settings('ones', { memoryLimitBytes: bombLimit });
  for (const model of ['spin', 'narrow', 'restless']) folder.put(chaosModel('spin'), `${model}/1/model.onnx`);
  folder.put(chaosModel('ones'), 'ones/1/model.onnx');
  folder.put(chaosModel('times-1'), 'times/1/model.onnx');
  folder.put(chaosModel('divide'), 'divide/1/model.onnx');
  folder.put(engineModel('row-sum'), 'row-sum/1/model.onnx');
  return folder;
}
