import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FrameInput } from '../../../src/processes/frames/blocking-frames.js';
import { readText, textFrame } from '../../../src/processes/frames/frames.js';

function inputOf(context: TestContext, content: Uint8Array): FrameInput {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
  const path = join(directory, 'frames');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  context.after(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  return new FrameInput(fd);
}

const frameOf = (length: number): Uint8Array => textFrame(6, 1, 'x'.repeat(length));

test('frames of all sizes are read one after the other, each at a multiple of 8 bytes', (context) => {
  const lengths = [0, 1, 100, 70_000, 3, 9_000_000, ...new Array<number>(80).fill(20), 200_000, 5];
  const input = inputOf(context, Buffer.concat(lengths.map(frameOf)));
  for (const length of lengths) {
    const frame = input.next();
    assert.ok(frame !== undefined && frame.byteOffset % 8 === 0);
    assert.equal(readText(frame).length, length);
  }
  assert.equal(input.next(), undefined);
});

test('a stream that breaks off inside a frame is at its end', (context) => {
  const input = inputOf(context, Buffer.concat([frameOf(10), frameOf(10).subarray(0, 12)]));
  assert.notEqual(input.next(), undefined);
  assert.equal(input.next(), undefined);
});

test('what is no frame is not taken for one', (context) => {
  assert.throws(() => inputOf(context, Buffer.alloc(64, 1)).next(), /a frame of 16843009 bytes came in/);
});
