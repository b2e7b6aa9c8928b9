import { bytesElement } from '../../../codecs/bytes-elements.js';
import { tensorFromBytes } from '../../../codecs/raw-tensor.js';
import { expectedElements, type ShapedTarget } from '../../../codecs/tensor-target.js';
import { type DataType, elementBytes, integerRanges } from '../../../core/data-type.js';
import { invalidArgument } from '../../../core/serving-error.js';
import { allocate, type NumericData, type Tensor } from '../../../core/tensor.js';
import { type EachInteger, MessageReader } from './message-reader.js';

/** Where a message keeps the elements of each type, in a repeated field. */
export interface TensorFields {
  /** All of them, by their numbers. */
  readonly names: Readonly<Record<number, string>>;
  /** Undefined where a type has none. Half floats are bit patterns. */
  readonly fieldOf: Readonly<Record<DataType, number | undefined>>;
  /** Where else elements can come, for messages. */
  readonly raw: string;
}

/**
 * A tensor from its fields; `parts` are those of one message. Throws INVALID_ARGUMENT where the field is another type's, or
 * an element out of range.
 */
export function tensorFromFields(parts: readonly Buffer[], target: ShapedTarget, fields: TensorFields): Tensor {
  const { subject, dataType, shape } = target;
  const values = valuesOf(parts, target, fields);
  if (dataType === 'BYTES') {
    requireCount(values.length, target);
    return {
      dataType,
      shape,
      data: values.map((bytes, index) => bytesElement(bytes, `${subject} at [${index}]`, target.content)),
    };
  }
  if (dataType === 'FP32' || dataType === 'FP64') {
    const bytes = values.length === 1 ? (values[0] as Buffer) : Buffer.concat(values);
    requireCount(bytes.length / elementBytes[dataType], target);
    return tensorFromBytes(bytes, target);
  }
  return integersOf(values, { ...target, dataType: dataType as VarintType });
}

/** The values of the one field that the type has; packed numbers as they lie there. */
function valuesOf(
  parts: readonly Buffer[],
  { subject, dataType }: ShapedTarget,
  { names, fieldOf, raw }: TensorFields,
): Buffer[] {
  const expected = fieldOf[dataType];
  if (expected === undefined)
    throw invalidArgument(`${subject}: ${dataType} has no field of its own; send it in ${raw}`);
  const values: Buffer[] = [];
  for (const part of parts) {
    const reader = new MessageReader(part, subject);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === expected) values.push(dataType === 'BYTES' ? reader.bytes() : reader.numbers());
      else if (names[field] === undefined) reader.skip();
      else
        throw invalidArgument(
          `${subject}: ${dataType} is read from ${names[expected]}, got ${names[field]}; or send ${raw}`,
        );
    }
  }
  return values;
}

type VarintType = Exclude<DataType, 'BYTES' | 'FP32' | 'FP64'>;

function integersOf(values: readonly Buffer[], target: ShapedTarget & { readonly dataType: VarintType }): Tensor {
  const { subject, dataType, shape } = target;
  let count = 0;
  // Each ends with its first byte below 0x80.
  for (const bytes of values) for (const byte of bytes) if (byte < 0x80) count++;
  requireCount(count, target);
  const data = allocate(dataType, count) as NumericData;
  const put = putter(data, subject, dataType);
  for (const bytes of values) new MessageReader(bytes, subject).packedIntegers(put);
  return { dataType, shape, data };
}

/** Puts integers into `data`, from its beginning on. */
function putter(data: NumericData, subject: string, dataType: VarintType): EachInteger {
  let at = 0;
  if (dataType === 'INT64' || dataType === 'UINT64') {
    const halves = new Int32Array(data.buffer as ArrayBuffer);
    return (low, high) => {
      halves[at++] = low;
      halves[at++] = high;
    };
  }
  const numbers = data as Uint8Array;
  if (dataType === 'BOOL') {
    return (low, high) => {
      numbers[at++] = (low | high) === 0 ? 0 : 1;
    };
  }
  const { min, max } = dataType === 'FP16' || dataType === 'BF16' ? integerRanges.UINT16 : integerRanges[dataType];
  const [least, most] = [Number(min), Number(max)];
  const isSigned = least < 0;
  return (low) => {
    const value = isSigned ? low | 0 : low >>> 0;
    if (value < least || value > most) {
      throw invalidArgument(`${subject} at [${at}]: ${value} is out of the range of ${dataType}, ${min} to ${max}`);
    }
    numbers[at++] = value;
  };
}

function requireCount(count: number, target: ShapedTarget): void {
  const expected = expectedElements(target);
  if (count === expected) return;
  throw invalidArgument(
    `${target.subject}: shape [${target.shape.join(', ')}] needs ${expected} elements, got ${count}`,
  );
}
