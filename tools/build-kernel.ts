import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelModule, kernels } from './kernel-module.js';
import { projectRoot } from './project-root.js';

/** Compiles the folders of assembly/ into the modules that src/ loads. To be run after every change there. */
for (const { folder, codeFile } of kernels) writeFileSync(join(projectRoot(), codeFile), await kernelModule(folder));
