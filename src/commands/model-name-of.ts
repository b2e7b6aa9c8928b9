import { sep } from 'node:path';

export interface PlaceInRepository {
  readonly name: string;
  readonly version: number;
}

/**
 * What the repository would call a file: `iris` of version 1 for iris.onnx, iris/model.onnx and iris/onnx/model.onnx, of
 * version 2 for iris/2/model.onnx, iris/2/onnx/model.onnx and iris/2/model.onnx/model.onnx.
 */
export function placeOf(path: string): PlaceInRepository {
  const [file = '', ...folders] = path.split(sep).reverse();
  const stem = file.replace(/\.[^.]*$/, '');
  const inner = folders[0] ?? '';
  // A file in such a folder is one of several of the same model.
  const isLaidOut = inner === 'onnx' || /\.onnx$/i.test(inner);
  const [folder = '', above = ''] = isLaidOut ? folders.slice(1) : folders;
  const version = Number(/^[1-9]\d{0,14}$/.exec(folder)?.[0] ?? 1);
  if (stem !== 'model' && !(isLaidOut && stem.startsWith('model_'))) return { name: stem, version };
  return { name: (/^\d+$/.test(folder) ? above : folder) || stem, version };
}

export const modelNameOf = (path: string): string => placeOf(path).name;
