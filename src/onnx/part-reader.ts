import { fromBinary } from '@bufbuild/protobuf';
import type { ByteRange, FileWindow } from './file-window.js';
import type { GraphOutline, NodeOutline, TensorOutline } from './model-outline.js';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from './schema/onnx_pb.js';
import { type ValueType, valueTypeOf } from './value-type.js';

/** Label lists, vocabularies and defaults are smaller; what is larger is a weight. */
const largestPartBytes = 4 * 1024 * 1024;
/** Of all parts together; beyond it, nothing more is read of a file that must have been made to exhaust readers. */
const largestTotalBytes = 64 * 1024 * 1024;

/**
 * Reads parts of a graph in full that its outline only locates. Every method gives undefined where the graph has no
 * such part, or one too large for its purpose. Throws INVALID_ARGUMENT for damaged ones.
 */
export class PartReader {
  readonly #file: FileWindow;
  #remainingBytes = largestTotalBytes;

  constructor(file: FileWindow) {
    this.#file = file;
  }

  async attribute(node: NodeOutline, name: string): Promise<AttributeProto | undefined> {
    const outline = node.attributes.find((attribute) => attribute.name === name);
    return outline && this.#part(outline.range, (bytes) => fromBinary(AttributeProtoSchema, bytes));
  }

  /** A tensor whose elements lie in another file is not read. */
  async tensor(outline: TensorOutline): Promise<TensorProto | undefined> {
    if (outline.external !== undefined) return undefined;
    return this.#part(outline.range, (bytes) => fromBinary(TensorProtoSchema, bytes));
  }

  node(outline: NodeOutline): Promise<NodeProto | undefined> {
    return this.#part(outline.range, (bytes) => fromBinary(NodeProtoSchema, bytes));
  }

  /** The type that the graph declares for a value; undefined where it leaves it to inference. */
  async valueType({ inputs, outputs, valueInfos }: GraphOutline, name: string): Promise<ValueType | undefined> {
    const io = [...inputs, ...outputs].find((value) => value.name === name);
    if (io !== undefined) return io.type;
    for (const range of valueInfos) {
      const info = await this.#part(range, (bytes) => fromBinary(ValueInfoProtoSchema, bytes));
      if (info?.name === name) return valueTypeOf(info.type);
    }
    return undefined;
  }

  async #part<T>(range: ByteRange, decode: (bytes: Uint8Array) => T): Promise<T | undefined> {
    if (range.length > Math.min(largestPartBytes, this.#remainingBytes)) return undefined;
    this.#remainingBytes -= range.length;
    return this.#file.decode(range, decode);
  }
}
