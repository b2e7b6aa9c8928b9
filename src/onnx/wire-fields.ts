import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { ByteRange, FieldRange, FileWindow } from './file-window.js';

/** One field of a protobuf message as it lies in the file. */
export interface WireField {
  readonly number: number;
  readonly wireType: WireType;
  readonly range: FieldRange;
  /** The value of a varint field; 0n for the others. */
  readonly varint: bigint;
}

/** May return `stop` to leave the rest of the message unread. */
export type FieldVisitor = (field: WireField) => void | 'stop' | Promise<void>;

/** A tag takes five bytes at most, a varint or a length ten. */
const longestHeaderBytes = 15;

/** Visits the fields of the message at `range` in order, reading only their headers. Throws INVALID_ARGUMENT. */
export async function walkFields(file: FileWindow, range: ByteRange, visit: FieldVisitor): Promise<void> {
  const end = range.offset + range.length;
  let position = range.offset;
  while (position < end) {
    const lookahead = Math.min(longestHeaderBytes, end - position);
    if (file.readerAt(position, lookahead) === undefined) await file.load({ offset: position, length: lookahead });
    const field = readHeader(file, position, end);
    const pending = visit(field);
    if (pending === 'stop') return;
    if (pending !== undefined) await pending;
    position = field.range.offset + field.range.length;
  }
}

interface FieldHeader {
  readonly number: number;
  readonly wireType: WireType;
  readonly length: number;
  readonly varint: bigint;
}

function readHeader(file: FileWindow, start: number, end: number): WireField {
  const reader = file.readerAt(start, 0)!;
  const origin = start - reader.pos;
  const { number, wireType, length, varint } = decodeHeader(file, reader, start);
  const headerEnd = origin + reader.pos;
  const offset = wireType === WireType.Varint ? headerEnd - length : headerEnd;
  if (offset + length > end) {
    throw file.corrupt(
      `field ${number} at byte ${start} claims ${length} bytes where ${Math.max(0, end - offset)} are left; ` +
        'the file is cut short or damaged',
    );
  }
  return { number, wireType, range: { start, offset, length }, varint };
}

function decodeHeader(file: FileWindow, reader: BinaryReader, start: number): FieldHeader {
  try {
    const [number, wireType] = reader.tag();
    switch (wireType) {
      case WireType.Varint: {
        const from = reader.pos;
        const varint = BigInt(reader.int64());
        return { number, wireType, length: reader.pos - from, varint };
      }
      case WireType.LengthDelimited:
        return { number, wireType, length: Number(reader.uint64()), varint: 0n };
      case WireType.Bit32:
        return { number, wireType, length: 4, varint: 0n };
      case WireType.Bit64:
        return { number, wireType, length: 8, varint: 0n };
    }
  } catch (cause) {
    throw file.corrupt(`byte ${start} does not start a protobuf field (${(cause as Error).message})`);
  }
  throw file.corrupt(`byte ${start} starts a protobuf group, which ONNX does not have`);
}
