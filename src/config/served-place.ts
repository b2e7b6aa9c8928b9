import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { isModelFile } from '../core/model.js';
import type { GivenSetting } from './given-setting.js';

/**
 * What a path without a flag comes to: a folder with models, a model file, or a folder that is one model itself, as a hub
 * hands it out, which then has the folder's name.
 */
export function servedPlace(path: string, cwd: string): GivenSetting[] {
  const origin = `"${path}"`;
  const given: GivenSetting[] = [{ key: 'models', value: path, origin, folder: cwd }];
  const folder = resolve(cwd, path);
  if (isOneModel(namesIn(folder))) given.push({ key: 'modelName', value: basename(folder), origin, folder: cwd });
  return given;
}

/** What lies there shows whether it is one: its versions, its settings, or a file that is called as the model's is. */
const isOneModel = (names: readonly string[]): boolean =>
  names.some((name) => /^(config\.json|config\.pbtxt|model\.json|onnx|[1-9]\d*)$/.test(name) || isMainFile(name));

const isMainFile = (name: string): boolean => isModelFile(name) && /^model\./i.test(name);

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No folder, or none that may be read: what is made of it says so.
    return [];
  }
}
