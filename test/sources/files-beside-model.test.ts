import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { filesBesideModel } from '../../src/sources/files-beside-model.js';
import { ModelFiles } from '../../src/tasks/model-files.js';

function modelFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-beside-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'onnx'));
  writeFileSync(join(folder, 'config.json'), '{"a": 1}');
  return folder;
}

test('files that were there and are away are no files that are missing', async (context) => {
  const folder = modelFolder(context);
  const files = await filesBesideModel(join(folder, 'onnx/model.onnx'), []);
  assert.ok(files.names.has('config.json'));
  rmSync(folder, { recursive: true });
  const away = { code: 'UNAVAILABLE', retryAfterSeconds: 1, message: 'config.json cannot be read: ENOENT' };
  await assert.rejects(files.read('config.json', 100), away);
  await assert.rejects(new ModelFiles(files).json('config.json'), away);
  await assert.rejects(filesBesideModel(join(folder, 'onnx/model.onnx'), []), { code: 'UNAVAILABLE' });
});

test('what lies elsewhere, or is too large, cannot be read', async (context) => {
  const folder = modelFolder(context);
  const files = await filesBesideModel(join(folder, 'onnx/model.onnx'), []);
  await assert.rejects(files.read('../../etc/passwd', 100), { message: 'it leads out of the models folder' });
  await assert.rejects(files.read('config.json', 4), { message: 'it is larger than 4 bytes' });
  assert.equal(Buffer.from(await files.read('config.json', 100)).toString(), '{"a": 1}');
});
