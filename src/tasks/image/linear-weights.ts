import { roundHalfEven } from './round-half-even.js';

/*
 * The weights of OpenCV's INTER_LINEAR for bytes: 11 bits, the place in single precision. Along a row a place outside of
 * the picture is its last pixel; down the columns both rows are then the last one, and keep their two weights.
 */

const unit = 2048;

/** The element of the source at or below each of the result, and how far beyond it that lies: in single precision. */
function placeOf(index: number, scale: number): { below: number; rest: number } {
  const place = Math.fround((index + 0.5) * scale - 0.5);
  const below = Math.floor(place);
  return { below, rest: Math.fround(place - below) };
}

const weightsOf = (rest: number): readonly [number, number] => [
  roundHalfEven(Math.fround(Math.fround(1 - rest) * unit)),
  roundHalfEven(Math.fround(rest * unit)),
];

/** Bytes from a row's start to the left pixel, and both weights in one number, for each pixel of a row. */
export function linearColumns(from: number, to: number): { starts: Int32Array; weights: Int32Array } {
  const scale = 1 / (to / from);
  const starts = new Int32Array(to);
  const weights = new Int32Array(to);
  for (let x = 0; x < to; x++) {
    const { below, rest } = placeOf(x, scale);
    const isOutside = below < 0 || below >= from - 1;
    starts[x] = 3 * Math.min(Math.max(below, 0), from - 1);
    const [left, right] = weightsOf(isOutside ? 0 : rest);
    weights[x] = left | (right << 16);
  }
  return { starts, weights };
}

/** [upper row, lower row, weight, weight] for each row. */
export function linearRows(from: number, to: number): Int32Array {
  const scale = 1 / (to / from);
  const rows = new Int32Array(4 * to);
  for (let y = 0; y < to; y++) {
    const { below, rest } = placeOf(y, scale);
    const within = (row: number): number => Math.min(Math.max(row, 0), from - 1);
    rows.set([within(below), within(below + 1), ...weightsOf(rest)], 4 * y);
  }
  return rows;
}
