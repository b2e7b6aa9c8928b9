import { type Dimension, formatShape } from '../core/tensor-spec.js';
import { elementTypeName } from './element-type.js';
import type { TensorProto_DataType, TensorShapeProto, TypeProto } from './schema/onnx_pb.js';

/** The type of a value in a graph. */
export type ValueType =
  | { readonly kind: 'tensor'; readonly elementType: TensorProto_DataType; readonly shape: readonly Dimension[] | null }
  | { readonly kind: 'sparse'; readonly elementType: TensorProto_DataType; readonly shape: readonly Dimension[] | null }
  | { readonly kind: 'sequence'; readonly element: ValueType }
  | { readonly kind: 'optional'; readonly element: ValueType }
  | { readonly kind: 'map'; readonly keyType: TensorProto_DataType; readonly value: ValueType }
  | { readonly kind: 'opaque'; readonly name: string }
  /** The file leaves it to inference. */
  | { readonly kind: 'absent' };

export function valueTypeOf(type: TypeProto | undefined): ValueType {
  const value = type?.value;
  switch (value?.case) {
    case 'tensorType':
      return { kind: 'tensor', elementType: value.value.elemType, shape: shapeOf(value.value.shape) };
    case 'sparseTensorType':
      return { kind: 'sparse', elementType: value.value.elemType, shape: shapeOf(value.value.shape) };
    case 'sequenceType':
      return { kind: 'sequence', element: valueTypeOf(value.value.elemType) };
    case 'optionalType':
      return { kind: 'optional', element: valueTypeOf(value.value.elemType) };
    case 'mapType':
      return { kind: 'map', keyType: value.value.keyType, value: valueTypeOf(value.value.valueType) };
    case 'opaqueType':
      return { kind: 'opaque', name: [value.value.domain, value.value.name].filter(Boolean).join('.') };
    default:
      return { kind: 'absent' };
  }
}

function shapeOf(shape: TensorShapeProto | undefined): readonly Dimension[] | null {
  if (shape === undefined) return null;
  return shape.dim.map(({ value }): Dimension => {
    // Exporters write -1 where they mean any size.
    if (value.case === 'dimValue') return value.value >= 0n ? Number(value.value) : null;
    return value.case === 'dimParam' && value.value !== '' ? value.value : null;
  });
}

/** `tensor(float)[batch, 4]`, `seq(map(int64, tensor(float)))` … as ONNX writes types, with the shape behind. */
export function formatValueType(type: ValueType): string {
  switch (type.kind) {
    case 'tensor':
      return `tensor(${elementTypeName(type.elementType)})${formatShape(type.shape)}`;
    case 'sparse':
      return `sparse_tensor(${elementTypeName(type.elementType)})${formatShape(type.shape)}`;
    case 'sequence':
      return `seq(${formatValueType(type.element)})`;
    case 'optional':
      return `optional(${formatValueType(type.element)})`;
    case 'map':
      return `map(${elementTypeName(type.keyType)}, ${formatValueType(type.value)})`;
    case 'opaque':
      return `opaque(${type.name})`;
    case 'absent':
      return 'no declared type';
  }
}

export type TensorType = Extract<ValueType, { kind: 'tensor' }>;

/** Whether every size is known, as a sequence of such tensors can be stacked. */
export function isFixed(type: TensorType): type is TensorType & { shape: readonly number[] } {
  return type.shape?.every((size) => typeof size === 'number') ?? false;
}
