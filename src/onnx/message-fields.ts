import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import type { FieldVisitor, WireField } from './wire-fields.js';

/** By the name of a field in the schema. */
export type FieldVisitors = Readonly<Record<string, FieldVisitor>>;

interface KnownField {
  readonly name: string;
  readonly wireType: WireType;
}

/** Finds the visitor of a field by number and wire type; as protobuf has it, one of another wire type is unknown. */
export class MessageFields {
  readonly #known: readonly (KnownField | undefined)[];

  constructor(schema: DescMessage) {
    const known: KnownField[] = [];
    for (const field of schema.fields) known[field.number] = { name: field.localName, wireType: wireTypeOf(field) };
    this.#known = known;
  }

  visit(field: WireField, visitors: FieldVisitors): ReturnType<FieldVisitor> {
    const known = this.#known[field.number];
    if (known === undefined) return;
    const isPacked = field.wireType === WireType.LengthDelimited && known.wireType !== WireType.LengthDelimited;
    if (field.wireType === known.wireType || isPacked) return visitors[known.name]?.(field);
  }
}

function wireTypeOf(field: DescField): WireType {
  if (field.fieldKind === 'enum') return WireType.Varint;
  switch (field.scalar) {
    case ScalarType.INT32:
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return WireType.Varint;
    case ScalarType.FLOAT:
      return WireType.Bit32;
    case ScalarType.DOUBLE:
      return WireType.Bit64;
    default:
      return WireType.LengthDelimited;
  }
}
