import type { ImageFilter } from '../../core/image-plan.js';

/*
 * The weights of Pillow's resampling (libImaging/Resample.c): the filter is as wide as a pixel of the result, weights are
 * normalised in doubles and rounded to 22 bits.
 */

export type WeightedFilter = Exclude<ImageFilter, 'nearest' | 'linear'>;

interface Filter {
  readonly support: number;
  weight(distance: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

function cubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

function hamming(distance: number): number {
  const x = Math.abs(distance);
  if (x === 0) return 1;
  return x < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI)) : 0;
}

const filters: Readonly<Record<WeightedFilter, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

const fractionBits = 22;
const halfBits = 11;

/** For each element of the result, along one axis: the first of the source, and `taps` weights, zeros at their end. */
export interface AxisWeights {
  readonly first: Int32Array;
  readonly weights: Int32Array;
  readonly taps: number;
}

/** `multiple`: what `taps` is rounded up to. */
export function pillowWeights(from: number, to: number, filter: WeightedFilter, multiple: number): AxisWeights {
  const { support: width, weight } = filters[filter];
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = width * filterScale;
  const most = Math.min(Math.ceil(support) * 2 + 1, from);
  const taps = Math.ceil(most / multiple) * multiple;
  const first = new Int32Array(to);
  const weights = new Int32Array(to * taps);
  const raw = new Float64Array(taps);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(Math.trunc(center - support + 0.5), 0);
    const count = Math.min(Math.trunc(center + support + 0.5), from) - start;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const value = weight((tap + start - center + 0.5) * (1 / filterScale));
      raw[tap] = value;
      sum += value;
    }
    first[i] = start;
    for (let tap = 0; tap < count; tap++) {
      const value = (sum === 0 ? raw[tap]! : raw[tap]! / sum) * 2 ** fractionBits;
      weights[i * taps + tap] = Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
    }
  }
  return { first, weights, taps };
}

/** Two weights as the kernel wants them: the upper halves of both, then the lower halves of both. */
export function pairHalves(weights: Int32Array): Int32Array {
  const halves = new Int32Array(weights.length);
  const low = 2 ** halfBits - 1;
  for (let i = 0; i < weights.length; i += 2) {
    const [one, other] = [weights[i]!, weights[i + 1]!];
    halves[i] = ((one >> halfBits) & 0xffff) | ((other >> halfBits) << 16);
    halves[i + 1] = (one & low) | ((other & low) << 16);
  }
  return halves;
}
