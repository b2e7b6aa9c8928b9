import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: compiled tests lie at different depths below it. */
function projectRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

/** A model made by tools/models/make-onnx-test-models.py. */
export const testModel = (name: string): string => join(projectRoot(), 'test', 'models', 'onnx', `${name}.onnx`);

/** Models of other people, which are not part of the project; undefined where they are absent. */
export function corpusDirectory(): string | undefined {
  const directory = join(projectRoot(), '..', 'shared', 'corpus');
  return existsSync(directory) ? directory : undefined;
}
