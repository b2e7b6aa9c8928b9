import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';

const loggerModule = new URL('../../src/observability/logger.js', import.meta.url).href;

/** Runs a process that logs 5,000 lines and then does what `ending` says. */
const logger = (ending: string) =>
  spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { openLog } from ${JSON.stringify(loggerModule)};
     const log = openLog({ level: 'info', version: '1.2.3' });
     for (let line = 0; line < 5000; line++) log.logger.info({ line }, 'x'.repeat(100));
     ${ending}`,
  ]);

describe('openLog', () => {
  for (const [how, ending] of [
    ['it is closed', 'await log.close();'],
    ['it is closed and the process exits', 'await log.close(); process.exit(0);'],
    ['the process exits', 'process.exit(0);'],
    ['the process ends by itself', ''],
  ] as const) {
    test(`writes every line when ${how}`, async () => {
      const lines = (await text(logger(ending).stdout)).trimEnd().split('\n');
      assert.equal(lines.length, 5000);
      assert.equal(JSON.parse(lines[4999]!).line, 4999);
    });
  }

  test('gives up when nobody reads any more', async () => {
    const child = logger('log.logger.fatal("the end"); await log.close(); process.exit(0);');
    child.stdout.destroy();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('gives up on a reader that stalls', async () => {
    const child = logger('await log.close(); process.exit(0);');
    child.stdout.pause();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    child.stdout.destroy();
  });
});

const hasFullDisk = existsSync('/dev/full');

test('a full disk costs lines, not the process', { skip: !hasFullDisk, timeout: 20_000 }, async () => {
  const source = `import { openLog } from ${JSON.stringify(loggerModule)};
     const log = openLog({ level: 'info', version: '1.2.3' });
     for (let line = 0; line < 5; line++) {
       log.logger.info({ line }, 'x');
       await new Promise((go) => setTimeout(go, 20));
     }
     await log.close();
     process.exitCode = 7;`;
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', full, 'ignore'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  const [code] = await once(child, 'exit');
  closeSync(full);
  assert.equal(code, 7);
});
