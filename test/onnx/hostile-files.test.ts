import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readModelFile } from '../../src/onnx/model-file.js';
import { testModel } from '../support/model-paths.js';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
});
after(() => rm(directory, { recursive: true }));

async function rejected(content: Uint8Array | string, message: RegExp): Promise<void> {
  const path = join(directory, 'model.onnx');
  await writeFile(path, content);
  await assert.rejects(readModelFile(path), { name: 'ServingError', code: 'INVALID_ARGUMENT', message });
}

/** A length-delimited field. */
function field(number: number, payload: Uint8Array): Buffer {
  const header: number[] = [];
  for (let rest of [(number << 3) | 2, payload.length]) {
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) header.push((rest % 128) | 0x80);
    header.push(rest);
  }
  return Buffer.concat([Buffer.from(header), payload]);
}

const graph = (content: Uint8Array): Buffer => field(7, content);

const foreign: readonly [string, string, RegExp][] = [
  ['an empty file', '', /^model\.onnx is empty/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n', /git lfs pull/],
  ['a web page', '<!DOCTYPE html><html><body>Not found</body></html>', /web page/],
  ['a JSON document', '{"error": "not found"}', /JSON document/],
  ['plain text', 'this is not a model\n', /plain text/],
  ['a PyTorch archive', 'PK\x03\x04\0\0\0\0archive/data.pkl', /ZIP archive/],
  ['a safetensors file', `${'\x10'.padEnd(8, '\0')}{"__metadata__":{}}`, /safetensors/],
  ['a Keras file', Buffer.from('894844460d0a1a0a00', 'hex').toString('latin1'), /HDF5/],
];

for (const [name, content, message] of foreign) {
  test(`${name} is called what it is`, () => rejected(Buffer.from(content, 'latin1'), message));
}

test('a folder is called a folder', () =>
  assert.rejects(readModelFile(directory), { code: 'INVALID_ARGUMENT', message: /is not a file$/ }));

test('a named pipe is not waited for', { skip: process.platform === 'win32' }, async () => {
  const path = join(directory, 'pipe.onnx');
  execFileSync('mkfifo', [path]);
  await assert.rejects(readModelFile(path), { code: 'INVALID_ARGUMENT', message: /is not a file$/ });
});

test('a missing file is not found', () =>
  assert.rejects(readModelFile(join(directory, 'absent.onnx')), { code: 'NOT_FOUND' }));

test('every truncation of a model is rejected, or reads as the model without its tail', async () => {
  const whole = await readFile(testModel('control_flow'));
  const paths = Array.from({ length: whole.length - 1 }, (_, at) => join(directory, `cut-${at + 1}.onnx`));
  // All are written first: a file that has just been written is waited for.
  for (const [at, path] of paths.entries()) await writeFile(path, whole.subarray(0, at + 1));
  let rejections = 0;
  for (const path of paths) {
    await readModelFile(path).catch((error: unknown) => {
      assert.equal((error as Error).name, 'ServingError', String(error));
      rejections++;
    });
  }
  assert.ok(rejections > whole.length / 2);
});

test('a length beyond the file is rejected with both numbers', () =>
  rejected(Buffer.from([0x08, 0x08, 0x3a, 0xff, 0xff, 0x03, 0x0a]), /claims 65535 bytes where 1 are left/));

test('a length of 2^63 is rejected', () =>
  rejected(
    Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    /claims 9223372036854776000 bytes/,
  ));

test('a file of other protobuf messages has no graph', () =>
  rejected(field(2, Buffer.from('some producer\x01')), /it holds no graph/));

test('graphs nested without end are rejected', () => {
  let nested: Uint8Array = Buffer.alloc(0);
  for (let depth = 0; depth < 1000; depth++) nested = field(1, field(5, field(6, nested)));
  return rejected(graph(nested), /nested more than 40 deep/);
});

test('types nested without end are rejected', () => {
  let type: Uint8Array = Buffer.alloc(0);
  for (let depth = 0; depth < 20_000; depth++) type = field(4, field(1, type));
  return rejected(graph(field(11, field(2, type))), /is damaged|too large/);
});

test('millions of empty nodes are rejected before they fill the memory', () =>
  rejected(graph(Buffer.alloc(8_000_000, Buffer.from([0x0a, 0x00]))), /too large to be read/));

test('millions of dimensions are rejected before they fill the memory', () => {
  const shape = Buffer.alloc(16_000_000, Buffer.from([0x0a, 0x00]));
  return rejected(graph(field(11, field(2, field(1, field(2, shape))))), /too large to be read/);
});
