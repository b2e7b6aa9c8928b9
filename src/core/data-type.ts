/** Element types, named as the Open Inference Protocol names them. */
export const dataTypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

export type DataType = (typeof dataTypes)[number];

/** Bytes per element; BYTES has elements of varying length and no entry. */
export const elementBytes = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
} as const satisfies Record<Exclude<DataType, 'BYTES'>, number>;

export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** Inclusive value ranges of the integer types. */
export const integerRanges = {
  UINT8: { min: 0n, max: 0xffn },
  UINT16: { min: 0n, max: 0xffffn },
  UINT32: { min: 0n, max: 0xffff_ffffn },
  UINT64: { min: 0n, max: 0xffff_ffff_ffff_ffffn },
  INT8: { min: -0x80n, max: 0x7fn },
  INT16: { min: -0x8000n, max: 0x7fffn },
  INT32: { min: -0x8000_0000n, max: 0x7fff_ffffn },
  INT64: { min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn },
} as const satisfies Partial<Record<DataType, IntegerRange>>;

export type IntegerType = keyof typeof integerRanges;

export const isIntegerType = (type: DataType): type is IntegerType => type in integerRanges;
