import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A span as a collector gets it. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** 2 is a server's, 1 internal. */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 2 is an error. */
  readonly status: { readonly code: number; readonly message: string };
  /** Of what sent it. */
  readonly resource: Attributes;
}

type Attributes = Readonly<Record<string, unknown>>;

/** The fields of a message by their numbers, each as often as it came. */
type Fields = ReadonlyMap<number, readonly unknown[]>;

/** Strict enough to read what one exporter sends: fields that are messages stay bytes. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, unknown[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    fields.set(number, [...(fields.get(number) ?? []), fieldValue(reader, type)]);
  }
  return fields;
}

function fieldValue(reader: BinaryReader, type: WireType): unknown {
  switch (type) {
    case WireType.Varint:
      return reader.int64();
    case WireType.Bit64:
      return reader.fixed64();
    case WireType.Bit32:
      return reader.fixed32();
    case WireType.LengthDelimited:
      return reader.bytes();
    default:
      throw new Error(`wire type ${type} is not in OTLP`);
  }
}

const bytesIn = (fields: Fields, number: number): readonly Uint8Array[] =>
  (fields.get(number) ?? []) as readonly Uint8Array[];
const messagesIn = (fields: Fields, number: number): readonly Fields[] => bytesIn(fields, number).map(fieldsOf);
const hexIn = (fields: Fields, number: number): string =>
  Buffer.from(bytesIn(fields, number)[0] ?? new Uint8Array()).toString('hex');
const textIn = (fields: Fields, number: number): string => Buffer.from(bytesIn(fields, number)[0] ?? []).toString();
const numberIn = (fields: Fields, number: number): number => Number(fields.get(number)?.[0] ?? 0);

function attributesIn(fields: Fields, number: number): Attributes {
  return Object.fromEntries(
    messagesIn(fields, number).map((pair) => [textIn(pair, 1), anyValue(messagesIn(pair, 2)[0] ?? new Map())]),
  );
}

function anyValue(value: Fields): unknown {
  if (value.has(1)) return textIn(value, 1);
  if (value.has(2)) return numberIn(value, 2) === 1;
  if (value.has(3)) return numberIn(value, 3);
  if (!value.has(4)) return undefined;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setBigUint64(0, BigInt(value.get(4)?.[0] as bigint));
  return bits.getFloat64(0);
}

/** The spans of an `ExportTraceServiceRequest`. */
export function spansOf(body: Uint8Array): OtlpSpan[] {
  return messagesIn(fieldsOf(body), 1).flatMap((group) => {
    const resource = attributesIn(messagesIn(group, 1)[0] ?? new Map(), 1);
    const spans = messagesIn(group, 2).flatMap((scope) => messagesIn(scope, 2));
    return spans.map((span) => ({ ...spanOf(span), resource }));
  });
}

function spanOf(span: Fields): Omit<OtlpSpan, 'resource'> {
  const status = messagesIn(span, 15)[0] ?? new Map();
  return {
    traceId: hexIn(span, 1),
    spanId: hexIn(span, 2),
    traceState: textIn(span, 3),
    parentSpanId: hexIn(span, 4),
    name: textIn(span, 5),
    kind: numberIn(span, 6),
    startNs: BigInt(span.get(7)?.[0] as bigint),
    endNs: BigInt(span.get(8)?.[0] as bigint),
    attributes: attributesIn(span, 9),
    links: messagesIn(span, 13).map((link) => ({ traceId: hexIn(link, 1), spanId: hexIn(link, 2) })),
    status: { message: textIn(status, 2), code: numberIn(status, 3) },
  };
}
