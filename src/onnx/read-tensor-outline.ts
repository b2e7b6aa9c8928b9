import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { ByteRange, FieldRange } from './file-window.js';
import { MessageFields } from './message-fields.js';
import type { ExternalData, TensorOutline } from './model-outline.js';
import type { OutlineScanner } from './outline-scanner.js';
import { SparseTensorProtoSchema, TensorProto_DataType, TensorProtoSchema } from './schema/onnx_pb.js';
import type { WireField } from './wire-fields.js';

/** Fewer are not worth to be remembered. */
const leastBytes = 64 * 1024;
/** A list of sizes or axes is no longer. */
const mostIntegers = 8;
const integerBytes = 8;
const longestVarint = 10;

const tensorFields = new MessageFields(TensorProtoSchema);
const sparseTensorFields = new MessageFields(SparseTensorProtoSchema);

export async function readTensorOutline(scanner: OutlineScanner, range: FieldRange): Promise<TensorOutline> {
  const tensor = { range, name: '', elementType: 0, dims: [] as number[] };
  const external = new Map<string, string>();
  let isExternal = false;
  let bytes: ByteRange | undefined;
  const integers: number[] = [];
  await scanner.fields(range, tensorFields, {
    dims: (field) => eachInteger(scanner, field, (size) => tensor.dims.push(size)),
    dataType: (field) => {
      tensor.elementType = Number(field.varint);
    },
    name: (field) =>
      scanner.eachText(field, (text) => {
        tensor.name = text;
      }),
    rawData: (field) => {
      const { offset, length } = field.range;
      bytes = length < leastBytes ? undefined : { offset, length };
      // The type may follow.
      if (length <= mostIntegers * integerBytes && tensor.dims.length <= 1) return eachWord(scanner, field, integers);
    },
    int64Data: (field) => {
      if (integers.length > mostIntegers || field.range.length > mostIntegers * longestVarint) return;
      return eachInteger(scanner, field, (value) => void integers.push(value));
    },
    externalData: (field) => scanner.property(field, external),
    dataLocation: (field) => {
      isExternal = field.varint === 1n;
    },
  });
  if (isExternal) return { ...tensor, external: externalData(scanner, tensor.name, external) };
  if (isListed(tensor, integers)) return { ...tensor, integers };
  return bytes === undefined ? tensor : { ...tensor, bytes };
}

const isListed = ({ elementType, dims }: TensorOutline, integers: readonly number[]): boolean =>
  elementType === TensorProto_DataType.INT64 &&
  dims.length <= 1 &&
  integers.length === (dims[0] ?? 1) &&
  integers.length <= mostIntegers;

/** A sparse tensor goes by the name of its values. */
export async function readSparseTensorOutline(scanner: OutlineScanner, range: FieldRange): Promise<TensorOutline> {
  let values: TensorOutline | undefined;
  const dims: number[] = [];
  await scanner.fields(range, sparseTensorFields, {
    values: async (field) => {
      values = await readTensorOutline(scanner, field.range);
    },
    dims: (field) => eachInteger(scanner, field, (size) => dims.push(size)),
  });
  if (values === undefined) throw scanner.file.corrupt('a sparse initializer holds no values');
  const { integers: _, ...outline } = values;
  return { ...outline, range, dims };
}

/** The 64-bit integers of a raw field. */
function eachWord(scanner: OutlineScanner, field: WireField, into: number[]): void | Promise<void> {
  return scanner.eachBytes(field, (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + integerBytes <= bytes.length; at += integerBytes) {
      into.push(Number(view.getBigInt64(at, true)));
    }
  });
}

/** The elements of a repeated integer field, packed or not. */
function eachInteger(scanner: OutlineScanner, field: WireField, use: (value: number) => void): void | Promise<void> {
  if (field.wireType === WireType.Varint) return use(Number(field.varint));
  return scanner.eachBytes(field, (bytes) => {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) use(Number(reader.int64()));
  });
}

function externalData(scanner: OutlineScanner, tensor: string, entries: ReadonlyMap<string, string>): ExternalData {
  const byteCount = (text: string): number => {
    const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(count)) return count;
    throw scanner.file.corrupt(`the external data of tensor "${tensor}" has "${text}" for an offset or length`);
  };
  const location = entries.get('location');
  if (!location) throw scanner.file.corrupt(`the external data of tensor "${tensor}" has no location`);
  const length = entries.get('length');
  return {
    location,
    offset: byteCount(entries.get('offset') ?? '0'),
    ...(length !== undefined && { length: byteCount(length) }),
  };
}
