import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/project-root.js';

/** A model made by tools/models/make-onnx-test-models.py; `.onnx` unless the name says otherwise. */
export const testModel = (name: string): string =>
  join(projectRoot(), 'test', 'models', 'onnx', name.includes('.') ? name : `${name}.onnx`);

/** A model made by tools/models/make-chaos-test-models.py. */
export const chaosModel = (name: string): string => join(projectRoot(), 'test/models/chaos', `${name}.onnx`);

/** A model made by tools/models/make-engine-test-models.py. */
export const engineModel = (name: string): string => join(projectRoot(), 'test/models/engine', `${name}.onnx`);

/** Models of other people, which are not part of the project; undefined where they are absent. */
export function corpusDirectory(): string | undefined {
  const directory = join(projectRoot(), '..', 'shared', 'corpus');
  return existsSync(directory) ? directory : undefined;
}
