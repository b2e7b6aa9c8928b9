import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelCodeFile, kernelModule } from '../../../tools/kernel-module.js';
import { projectRoot } from '../../../tools/project-root.js';

test('the committed kernel is what assembly/ compiles to', async () => {
  const committed = readFileSync(join(projectRoot(), kernelCodeFile), 'utf8');
  assert.equal(committed, await kernelModule(), 'run `npm run build && node dist/tools/build-kernel.js`');
});
