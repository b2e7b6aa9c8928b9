import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeStrings, readStrings } from '../../src/core/packed-strings.js';
import type { ServingError } from '../../src/core/serving-error.js';
import { frameKind } from '../../src/engine/frames/engine-frames.js';
import { FrameBuilder, type FrameTensor, readTensors } from '../../src/engine/frames/tensor-frames.js';
import { FrameAssembler, readText, textFrame, wordsOf } from '../../src/processes/frames/frames.js';

const bytes = fc.integer({ min: 0, max: 9000 }).map((length) => new Uint8Array(length).map((_, index) => index));
const numericTensor: fc.Arbitrary<FrameTensor> = fc
  .record({ index: fc.nat(70_000), parts: fc.array(bytes, { maxLength: 4 }) })
  .map(({ index, parts }) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return { index, dataType: 'UINT8', shape: [length], parts };
  });
const wideTensor: fc.Arbitrary<FrameTensor> = fc
  .array(fc.double(), { maxLength: 700 })
  .map((values) => ({ index: 1, dataType: 'FP64', shape: [1, values.length], parts: [Float64Array.from(values)] }));
const textTensor: fc.Arbitrary<FrameTensor> = fc
  .array(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), { maxLength: 4 })
  .map((parts) => ({ index: 2, dataType: 'BYTES', shape: [parts.flat().length], parts }));
const tensors = fc.array(fc.oneof(numericTensor, wideTensor, textTensor), { maxLength: 5 });

const wholeOf = ({ index, dataType, shape, parts }: FrameTensor) => ({
  index,
  dataType,
  shape: [...shape],
  values: parts.flatMap((part) => Array.from<unknown>(part as ArrayLike<unknown>)),
});

/** As a socket would deliver it: cut anywhere, every piece in memory of its own. */
function deliver(stream: Uint8Array, cuts: readonly number[], onFrame: (frame: Uint8Array) => void): void {
  const assembler = new FrameAssembler(onFrame);
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    if (end > from) assembler.push(Uint8Array.from(stream.subarray(from, end)));
    from = end;
  }
}

describe('frames', () => {
  test('hold more tensors, and name more outputs, than sixteen bits count', () => {
    const many = Array.from(
      { length: 70_001 },
      (_, index): FrameTensor => ({ index, dataType: 'INT32', shape: [1], parts: [Int32Array.of(index)] }),
    );
    const extraWords = Array.from({ length: 66_000 }, (_, index) => index);
    const chunks = new FrameBuilder().build({ kind: frameKind.run, tenant: 3, extraWords }, many);
    const read = readTensors(Uint8Array.from(Buffer.concat(chunks)));
    assert.equal(read.tensors.length, many.length);
    assert.deepEqual(read.tensors.at(-1), {
      index: 70_000,
      dataType: 'INT32',
      shape: [1],
      data: Int32Array.of(70_000),
    });
    assert.deepEqual(Array.from(read.extraWords), extraWords);
  });

  test('tensors come out as they went in, however the stream is cut', () => {
    const builder = new FrameBuilder();
    fc.assert(
      fc.property(fc.array(tensors, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, cuts) => {
        const chunks = frames.flatMap((given, at) => {
          const head = { kind: frameKind.run, tenant: at, extraWords: [at, 4_000_000_000] };
          return builder.build(head, given).map((chunk) => Uint8Array.from(chunk));
        });
        const received: unknown[] = [];
        deliver(Buffer.concat(chunks), cuts, (frame) => {
          const { extraWords, tensors: read } = readTensors(frame);
          const values = read.map((tensor) => wholeOf({ ...tensor, parts: [tensor.data] }));
          received.push([wordsOf(frame)[2], [...extraWords], values]);
        });
        assert.deepEqual(
          received,
          frames.map((given, at) => [at, [at, 4_000_000_000], given.map(wholeOf)]),
        );
      }),
    );
  });

  test('text comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const frame = textFrame(frameKind.failed, 7, text);
        assert.equal(frame.length % 8, 0);
        assert.equal(readText(frame), text);
      }),
    );
  });

  test('a stream that is not one of frames is noticed', () => {
    for (const length of [0, 8, 17, 2 ** 31]) {
      const chunk = new Uint8Array(Uint32Array.of(length, 0, 0, 0).buffer);
      assert.throws(() => new FrameAssembler(() => assert.fail()).push(chunk), /a frame of \d+ bytes/);
    }
  });

  test('large parts are not copied', () => {
    const part = new Float32Array(10_000);
    const tensor: FrameTensor = { index: 0, dataType: 'FP32', shape: [20_000], parts: [part, part] };
    const chunks = new FrameBuilder().build({ kind: frameKind.run, tenant: 1, extraWords: [] }, [tensor]);
    assert.equal(chunks.filter(({ buffer }) => buffer === part.buffer).length, 2);
  });

  test('what no frame can hold is rejected with the size it may have', () => {
    const part = new Uint8Array(2 ** 30);
    const tensor: FrameTensor = { index: 0, dataType: 'UINT8', shape: [2 ** 31], parts: [part, part] };
    const build = () => new FrameBuilder().build({ kind: frameKind.run, tenant: 1, extraWords: [] }, [tensor]);
    assert.throws(build, (error: ServingError) => error.code === 'PAYLOAD_TOO_LARGE');
  });
});

describe('what a frame cannot say', () => {
  const frameOf = (shape: readonly number[]): Uint8Array => {
    const tensor: FrameTensor = { index: 0, dataType: 'FP32', shape, parts: [Float32Array.of(1, 2)] };
    return Buffer.concat(new FrameBuilder().build({ kind: frameKind.run, tenant: 1, extraWords: [] }, [tensor]));
  };

  test('a dimension that is no 32-bit size', () => {
    for (const size of [-1, 1.5, 2 ** 32, Number.NaN]) {
      assert.throws(() => frameOf([0, size]), /a dimension lies between 0 and 4294967295/);
    }
  });

  test('a shape that is not that of the data', () => {
    assert.throws(() => readTensors(frameOf([3])), /FP32 tensor of shape \[3\] came with 8 bytes/);
  });
});

describe('string elements', () => {
  test('keep every string apart', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ unit: 'grapheme' })), { minLength: 1 }), (parts) => {
        const strings = parts.flat();
        assert.deepEqual(readStrings(encodeStrings(parts), strings.length), strings);
      }),
    );
  });
});
