import { isIgnoredName } from './folder-entries.js';

/** No deeper than version folders are read. */
const deepest = 8;
const longestName = 255;
const longestPath = 1024;

/**
 * What is wrong with a path in a model's folder under which a caller wants a file to be put; undefined where it is a version,
 * a slash and the path of a file below it, which leads nowhere else.
 */
export function uploadPathProblem(path: string): string | undefined {
  const [version = '', ...names] = path.split('/');
  if (!/^[1-9]\d{0,14}$/.test(version) || names.length === 0) {
    return 'expected a version and the path of a file in its folder, such as "1/model.onnx"';
  }
  if (path.length > longestPath) return `expected at most ${longestPath} characters`;
  if (names.length > deepest) return `expected at most ${deepest} folders in each other`;
  const wrong = names.find((name) => !isFileName(name));
  return wrong === undefined
    ? undefined
    : `${JSON.stringify(wrong.slice(0, 100))} is no name that a model's file may have`;
}

const isFileName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= longestName && !/[\p{Cc}\\]/u.test(name) && !isIgnoredName(name);
