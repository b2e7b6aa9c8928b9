import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { claimFolder, clearLeftovers } from '../../src/commands/leftover-folders.js';
import { ServerProcess } from '../support/server-process.js';

const root = mkdtempSync(join(tmpdir(), 'slipway-leftovers-'));
after(() => rmSync(root, { recursive: true, force: true }));
const marker = '.slipway-owner.json';

/** A process that has ended, with what told it from others. */
async function deadOwner(): Promise<object> {
  const module = new URL('../../src/commands/leftover-folders.js', import.meta.url).href;
  const folder = mkdtempSync(join(root, 'owner-'));
  const source = `import { claimFolder } from ${JSON.stringify(module)}; claimFolder(${JSON.stringify(folder)});`;
  await once(spawn(process.execPath, ['--input-type=module', '--eval', source]), 'exit');
  return JSON.parse(readFileSync(join(folder, marker), 'utf8'));
}

test('what a process that is gone has left is removed, and nothing else', async () => {
  const parent = mkdtempSync(join(root, 'parent-'));
  const dead = await deadOwner();
  const make = (name: string, owner?: object): void => {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, 'model.onnx'), 'weights');
    if (owner !== undefined) writeFileSync(join(parent, name, marker), JSON.stringify(owner));
  };
  const elsewhere = mkdtempSync(join(root, 'elsewhere-'));
  writeFileSync(join(elsewhere, 'precious.onnx'), 'weights');
  writeFileSync(join(elsewhere, marker), JSON.stringify(dead));
  make('slipway-aaaaaa', dead);
  make('slipway-locale-bbbbbb', dead);
  symlinkSync(elsewhere, join(parent, 'slipway-aaaaaa', 'linked'));
  const kept = {
    'slipway-cccccc': undefined,
    'slipway-models': dead,
    'slipway-dddddd-backup': dead,
    mine: dead,
    'slipway-eeeeee': { ...dead, boot: 'another' },
    'slipway-ffffff': { ...dead, pidNamespace: 'pid:[1]' },
    'slipway-gggggg': { ...dead, pid: 'x' },
  };
  for (const [name, owner] of Object.entries(kept)) if (name !== 'slipway-models') make(name, owner);
  mkdirSync(join(parent, 'slipway-hhhhhh'));
  claimFolder(join(parent, 'slipway-hhhhhh'));
  symlinkSync(elsewhere, join(parent, 'slipway-iiiiii'));
  assert.equal(await clearLeftovers(parent), 2);
  const names = [...Object.keys(kept).filter((name) => name !== 'slipway-models'), 'slipway-hhhhhh', 'slipway-iiiiii'];
  assert.deepEqual(readdirSync(parent).sort(), names.sort());
  assert.ok(existsSync(join(elsewhere, 'precious.onnx')));
});

test('a server that starts removes what a killed one has left, and leaves alone what one beside it uses', async () => {
  const TMPDIR = mkdtempSync(join(root, 'tmp-'));
  const folders = (): string[] => readdirSync(TMPDIR).filter((name) => name.startsWith('slipway-'));
  const beside = await ServerProcess.start([], { TMPDIR });
  const used = folders();
  const killed = await ServerProcess.start([], { TMPDIR });
  await killed.stop('SIGKILL');
  assert.ok(folders().length > used.length);
  const next = await ServerProcess.start([], { TMPDIR });
  await next.until(async () => next.log.some(({ msg }) => msg.startsWith('temporary folders')), 'clearing');
  for (const name of used) assert.ok(folders().includes(name), name);
  await next.stop();
  assert.deepEqual(folders().sort(), used.sort());
  assert.equal(await beside.stop(), 0);
  assert.deepEqual(folders(), []);
});
