import type { FileHandle } from 'node:fs/promises';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { FieldRange } from '../file-window.js';
import { ModelProtoSchema } from '../schema/onnx_pb.js';

const chunkBytes = 1024 * 1024;

interface Transfer {
  /** Where the graph lies in `from`. */
  readonly graph: FieldRange;
  readonly from: FileHandle;
  readonly to: FileHandle;
}

/**
 * Writes a model without some of its fields. What remains of its graph becomes several `graph` fields, each with a
 * stretch that lay in one piece: protobuf merges them when it reads them.
 */
export async function writeFieldsWithout(hidden: readonly FieldRange[], { graph, from, to }: Transfer): Promise<void> {
  const { size } = await from.stat();
  const graphEnd = graph.offset + graph.length;
  const gaps = [
    ...new Set(hidden),
    { start: graph.start, offset: graph.offset, length: 0 },
    { start: graphEnd, offset: graphEnd, length: 0 },
    { start: size, offset: size, length: 0 },
  ].sort((a, b) => a.start - b.start || a.offset - b.offset);
  let position = 0;
  for (const { start, offset, length } of gaps) {
    if (start > position) {
      if (position >= graph.offset && position < graphEnd) await to.writeFile(graphHeader(start - position));
      await copyBytes(from, to, position, start);
    }
    position = Math.max(position, offset + length);
  }
}

const graphHeader = (length: number): Uint8Array =>
  new BinaryWriter().tag(ModelProtoSchema.field.graph.number, WireType.LengthDelimited).uint32(length).finish();

async function copyBytes(from: FileHandle, to: FileHandle, start: number, end: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - start));
  for (let position = start; position < end; ) {
    const { bytesRead } = await from.read(chunk, 0, Math.min(chunk.length, end - position), position);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    await to.writeFile(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
