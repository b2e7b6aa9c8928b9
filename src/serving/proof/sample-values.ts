import { integerRanges, isIntegerType } from '../../core/data-type.js';
import type { TensorData } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';

/** From which values a row is drawn. Models differ in what they take, and in what shows how they treat it. */
export interface ValueKind {
  /** Said of rows in messages. */
  readonly name: string;
  /** Floats lie below two to this power. */
  readonly exponent: number;
  /** Floats are of both signs, or positive; or all of them are this number. */
  readonly floats: 'signed' | 'positive' | number;
  /** Integers are one of two values; or lie from 0 to below a limit, where the type and the model's tables allow. */
  readonly integers: readonly [number, number] | { readonly below: number };
  /** Strings are drawn from the first half or the second one, by turns from row to row. */
  readonly texts: readonly string[];
}

/** One token each, and then many, whatever separates them: rows that are split and padded to a common length show it. */
export const words = [
  'hello',
  'bonjour',
  'one',
  'good morning, dear friend; a.b/c-d_e:f|g',
  '2 of 3, 4; 5.6/7-8_9:0|1',
  'x y,z;u.v/w-s_t:r|q',
] as const;
export const numerals = ['1', '2', '3', '4'] as const;

export const plainKind: ValueKind = {
  name: 'plain',
  exponent: 0,
  floats: 'signed',
  integers: [1, 2],
  texts: words,
};

/** Of an input whose elements say which positions count. */
export const isMask = ({ name, dataType }: Pick<TensorSpec, 'name' | 'dataType'>): boolean =>
  dataType === 'BOOL' || (isIntegerType(dataType) && /mask/i.test(name));

/** `draw` lies in [0, 1). `limit`: integers of this input lie below it, where the model's tables are known. */
export function sampleValue(
  spec: TensorSpec,
  kind: ValueKind,
  { draw, column, limit }: { readonly draw: number; readonly column: number; readonly limit?: number | undefined },
): TensorData[number] {
  const { dataType } = spec;
  if (dataType === 'BYTES') return kind.texts[Math.floor(draw * kind.texts.length)] as string;
  if (dataType === 'BOOL') return draw < 0.5 ? 0 : 1;
  if (isIntegerType(dataType)) {
    const value = isMask(spec) ? maskValue(draw, column) : integerValue(kind, draw, mostOf(spec, limit));
    return dataType === 'INT64' || dataType === 'UINT64' ? BigInt(value) : value;
  }
  if (dataType === 'FP16') return halfPattern(kind, draw, { exponentBias: 15, mantissaBits: 10, smallest: -13 });
  if (dataType === 'BF16') return halfPattern(kind, draw, { exponentBias: 127, mantissaBits: 7, smallest: -30 });
  if (typeof kind.floats === 'number') return kind.floats;
  return (kind.floats === 'signed' ? 2 * draw - 1 : draw) * 2 ** kind.exponent;
}

/** Holes, but something is left to look at. */
const maskValue = (draw: number, column: number): number => (column === 0 || draw >= 0.35 ? 1 : 0);

function integerValue({ integers }: ValueKind, draw: number, most: number): number {
  if (!('below' in integers)) {
    // The largest that may be and the one before, where the two are too large.
    const excess = Math.max(0, integers[1] - most);
    return Math.max(0, integers[draw < 0.5 ? 0 : 1] - excess);
  }
  return Math.floor(draw * Math.min(integers.below, most + 1));
}

/** Where an input's largest integer is unknown: it may be a size. */
const mostUnknown = 99_999;

/** The largest integer that the input may hold, as far as is known. */
function mostOf({ dataType, range }: TensorSpec, limit: number | undefined): number {
  const { max } = range ?? integerRanges[dataType as keyof typeof integerRanges];
  return Math.min(Number(max), limit === undefined ? mostUnknown : Math.max(0, limit - 1));
}

interface HalfFormat {
  readonly exponentBias: number;
  readonly mantissaBits: number;
  /** The least exponent that is used. */
  readonly smallest: number;
}

/** The bits of a half float from a quarter of the kind's limit up to it. */
function halfPattern({ floats, exponent }: ValueKind, draw: number, format: HalfFormat): number {
  const { exponentBias, mantissaBits, smallest } = format;
  const infinity = ((1 << (15 - mantissaBits)) - 1) << mantissaBits;
  if (Number.isNaN(floats)) return infinity | (1 << (mantissaBits - 1));
  if (floats === 0) return 0;
  const signBit = floats === 'signed' && draw < 0.5 ? 0x8000 : 0;
  const within = floats === 'signed' ? (draw * 2) % 1 : draw;
  const power = typeof floats === 'number' ? 1 : Math.max(exponent, smallest);
  const lowest = (exponentBias + power - 2) << mantissaBits;
  return (
    signBit | (lowest + (typeof floats === 'number' ? 1 << mantissaBits : Math.floor(within * 2 ** (mantissaBits + 1))))
  );
}
