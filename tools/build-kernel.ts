import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelCodeFile, kernelModule } from './kernel-module.js';
import { projectRoot } from './project-root.js';

/** Compiles assembly/ into the module that src/ loads. To be run after every change there. */
writeFileSync(join(projectRoot(), kernelCodeFile), await kernelModule());
