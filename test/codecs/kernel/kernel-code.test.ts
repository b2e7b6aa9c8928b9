import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelModule, kernels } from '../../../tools/kernel-module.js';
import { projectRoot } from '../../../tools/project-root.js';

for (const { folder, codeFile } of kernels)
  test(`the committed code of ${folder}/ is what it compiles to`, async () => {
    const committed = readFileSync(join(projectRoot(), codeFile), 'utf8');
    assert.equal(committed, await kernelModule(folder), 'run `npm run build && node dist/tools/build-kernel.js`');
  });
