import { sep } from 'node:path';

/** As the repository would name it: `iris` for iris.onnx, iris/model.onnx and iris/2/model.onnx. */
export function modelNameOf(path: string): string {
  const [file = '', folder = '', above = ''] = path.split(sep).reverse();
  const stem = file.replace(/\.[^.]*$/, '');
  if (stem !== 'model') return stem;
  return (/^\d+$/.test(folder) ? above : folder) || stem;
}
