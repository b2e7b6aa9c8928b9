import { join } from 'node:path';
import { projectRoot } from '../../tools/project-root.js';

/** A model made by tools/models/make-chaos-test-models.py. */
export const chaosModel = (name: string): string => join(projectRoot(), 'test/models/chaos', `${name}.onnx`);

/** A model made by tools/models/make-engine-test-models.py. */
export const engineModel = (name: string): string => join(projectRoot(), 'test/models/engine', `${name}.onnx`);
