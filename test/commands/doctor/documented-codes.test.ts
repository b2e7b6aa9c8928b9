import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { servingFindingCodes } from '../../../src/commands/doctor/serving-finding.js';
import { fileFindingCodes } from '../../../src/onnx/doctor/finding.js';
import { projectRoot } from '../../../tools/project-root.js';

test('docs/doctor.md explains every code, and no other', () => {
  const page = readFileSync(join(projectRoot(), 'docs', 'doctor.md'), 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
  assert.deepEqual(explained.sort(), [...fileFindingCodes, ...servingFindingCodes].sort());
});
