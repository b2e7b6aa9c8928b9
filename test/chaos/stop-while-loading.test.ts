import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { ServerProcess } from '../support/server-process.js';

const modelCount = 40;

for (const startedBefore of [0, 1, 10]) {
  test(`a server that is stopped while its models load, after ${startedBefore}, leaves nothing behind`, async (context) => {
    const folder = new ModelFolder();
    const temporary = mkdtempSync(join(tmpdir(), 'slipway-test-tmp-'));
    context.after(() => {
      folder.remove();
      rmSync(temporary, { recursive: true });
    });
    // This one is tried out for long: it ends its process each time.
    folder.put(chaosModel('crash-at-run'), 'crash-at-run/1/model.onnx');
    for (let index = 0; index < modelCount; index++) folder.put(chaosModel('times-1'), `model-${index}/1/model.onnx`);
    const server = await ServerProcess.start(['--models', folder.path], { TMPDIR: temporary });
    await server.until(
      async () => server.log.filter(({ state }) => state === 'AVAILABLE').length >= startedBefore,
      'on',
    );
    const engines = server.enginePids();
    assert.equal(await server.stop('SIGTERM'), 0);
    for (const pid of engines) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(readdirSync(temporary), []);
  });
}
