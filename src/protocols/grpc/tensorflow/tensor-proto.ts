import { bytesOfTensor, tensorFromBytes } from '../../../codecs/raw-tensor.js';
import { expectedElements, type ShapedTarget } from '../../../codecs/tensor-target.js';
import type { DataType } from '../../../core/data-type.js';
import { invalidArgument } from '../../../core/serving-error.js';
import { isStrings, type NumericData, type Tensor, viewOf } from '../../../core/tensor.js';
import type { TensorSpec } from '../../../core/tensor-spec.js';
import { asDeclared, declaredDataType } from '../../open-inference/declared-input.js';
import { tensorFlowTypes } from '../../tensorflow-serving/model-metadata.js';
import { DataType as WireType } from '../schema/tensorflow_pb.js';
import { MessageReader } from '../wire/message-reader.js';
import { MessageWriter } from '../wire/message-writer.js';
import { type TensorFields, tensorFromFields } from '../wire/tensor-fields.js';

const fieldOf = {
  BOOL: 11,
  INT8: 7,
  INT16: 7,
  INT32: 7,
  INT64: 10,
  UINT8: 7,
  UINT16: 7,
  UINT32: 16,
  UINT64: 17,
  FP16: 13,
  BF16: 13,
  FP32: 5,
  FP64: 6,
  BYTES: 8,
} as const satisfies Record<DataType, number>;

const fields: TensorFields = {
  names: {
    5: 'float_val',
    6: 'double_val',
    7: 'int_val',
    8: 'string_val',
    10: 'int64_val',
    11: 'bool_val',
    13: 'half_val',
    16: 'uint32_val',
    17: 'uint64_val',
  },
  fieldOf,
  raw: 'tensor_content',
};

const numberOf = (dataType: DataType): number => WireType[tensorFlowTypes[dataType]];
const typeNames = new Map(
  Object.entries(tensorFlowTypes).map(([type, name]) => [WireType[name] as number, type as DataType]),
);

/** Whether the values of an input's `TensorProto` are numbers. Throws INVALID_ARGUMENT where it cannot be read. */
export const isNumeric = (body: Buffer, name: string): boolean =>
  readHead(body, `input "${name}"`).type !== WireType.DT_STRING;

/** An input from its `TensorProto`. Throws INVALID_ARGUMENT saying what is wrong with it. */
export function readTensorProto(body: Buffer, spec: TensorSpec): Tensor {
  const subject = `input "${spec.name}"`;
  const { type, shape, content } = readHead(body, subject);
  const dataType = declaredDataType(typeNames.get(type), spec, () => WireType[type] ?? `type ${type}`);
  const target = { subject, dataType, shape, ...(spec.content && { content: spec.content }) };
  if (content !== undefined) return asDeclared(tensorFromBytes(content, target), spec);
  return asDeclared(repeated(body, target) ?? tensorFromFields([body], target, fields), spec);
}

function readHead(body: Buffer, subject: string) {
  const reader = new MessageReader(body, subject);
  const shape: number[] = [];
  let type = 0;
  let content: Buffer | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.int64();
    else if (field === 2) readShape(reader.message(`${subject}: tensor_shape`), shape);
    else if (field === 4) content = reader.bytes();
    else reader.skip();
  }
  return { type, shape, content: content?.length === 0 ? undefined : content };
}

/** More than any tensor has. */
const mostSizes = 1024;

function readShape(reader: MessageReader, shape: number[]): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const dim = reader.message('dim');
    let size = 0;
    for (let part = dim.next(); part !== 0; part = dim.next()) {
      if (part === 1) size = dim.int64();
      else dim.skip();
    }
    if (shape.length < mostSizes) shape.push(size);
  }
}

/** A request may say many numbers by one. */
const mostRepeated = 2 ** 25;

/** One number that stands for all of the tensor's; undefined where that is not how it was sent. */
function repeated(body: Buffer, target: ShapedTarget): Tensor | undefined {
  const { dataType, shape, subject } = target;
  const count = expectedElements(target);
  if (count < 2 || dataType === 'BYTES') return undefined;
  let one: Tensor;
  try {
    one = tensorFromFields([body], { ...target, shape: [] }, fields);
  } catch {
    // It is read again, as what it is.
    return undefined;
  }
  if (count > mostRepeated)
    throw invalidArgument(`${subject}: one number for ${count} elements; expected ${mostRepeated} at most`);
  const size = (one.data as NumericData).BYTES_PER_ELEMENT;
  const data = viewOf(dataType, new ArrayBuffer(count * size), 0, count);
  (data as Float64Array).fill(one.data[0] as number);
  return { dataType, shape, data };
}

/** With its elements in the field of their type, where clients look for them. */
export function writeTensorProto({ dataType, shape, data }: Tensor): MessageWriter {
  const writer = new MessageWriter().integer(1, numberOf(dataType)).message(2, writtenShape(shape));
  const field = fieldOf[dataType];
  if (isStrings(data)) for (const text of data) writer.bytes(field, Buffer.from(text));
  // Packed floats and booleans are their bytes.
  else if (dataType === 'FP32' || dataType === 'FP64' || dataType === 'BOOL')
    writer.bytes(field, bytesOfTensor({ data }));
  else writer.packedNumbers(field, data);
  return writer;
}

function writtenShape(shape: readonly number[]): MessageWriter {
  const written = new MessageWriter();
  for (const size of shape) written.message(2, new MessageWriter().integer(1, size));
  return written;
}
