import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../tools/project-root.js';
import { ServerProcess } from '../support/server-process.js';

const readme = readFileSync(join(projectRoot(), 'README.md'), 'utf8');
const run = promisify(execFile);

let server: ServerProcess;
before(async () => {
  server = await (await ServerProcess.start()).ready();
});
after(() => server.stop());

/** Numbers to five digits: the last ones depend on the processor. */
const rounded = (text: string): unknown =>
  JSON.parse(text, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value));

const session = [...readme.matchAll(/^\$ (curl .*)\n(.*)$/gm)];

test('the README has a session of requests', () => assert.ok(session.length >= 5));

for (const [, command = '', answer = ''] of session) {
  test(`the README's answer is true: ${command.slice(0, 90)}`, async () => {
    const { stdout } = await run('sh', [
      '-c',
      command.replace('http://localhost:8080', server.origin).replace('localhost:8080', server.origin),
    ]);
    assert.deepEqual(rounded(stdout), rounded(answer));
  });
}

test('every file that the README points to exists', () => {
  const targets = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] as string);
  assert.deepEqual(
    targets.filter((target) => !existsSync(join(projectRoot(), target))),
    [],
  );
});
