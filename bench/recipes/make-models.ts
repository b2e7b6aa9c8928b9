import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/project-root.js';
import { forest } from './forest.js';
import { imageMean } from './image-mean.js';
import { mlp } from './mlp.js';
import { mnistCnn } from './mnist-cnn.js';
import { resnet50 } from './resnet-50.js';
import { textEncoder } from './text-encoder.js';

const recipes = {
  mlp,
  'mnist-cnn': mnistCnn,
  'text-encoder': textEncoder,
  'resnet-50': resnet50,
  'image-mean': imageMean,
  forest,
} as const;

export type ModelName = keyof typeof recipes;

/** Path of the model's file, which is made where it does not exist yet: bench/models/NAME/1/model.onnx. */
export function modelFile(name: ModelName): string {
  const folder = join(modelFolder(name), '1');
  const path = join(folder, 'model.onnx');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.part`, recipes[name]());
    renameSync(`${path}.part`, path);
  }
  return path;
}

export const modelFolder = (name: ModelName): string => join(projectRoot(), 'bench/models', name);
