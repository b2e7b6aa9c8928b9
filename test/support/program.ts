import { join } from 'node:path';
import { projectRoot } from '../../tools/project-root.js';

/** What users run: the bundle, which `npm run build` makes of the compiled modules. */
export const program = join(projectRoot(), 'dist/bundle/slipway.js');
