/* The other pass: down the columns, whatever the bytes of a row are. Weights in two halves, as along rows. */

const halfBits: i32 = 11;
const fractionBits: i32 = 22;
const half: i32 = 1 << (fractionBits - 1);

/**
 * Each of `height` rows is a sum over `pairs` pairs of rows, of which the first lies `starts[y]` bytes into the source; a
 * pair's weights are [high; low]. Reads and writes up to 15 bytes beyond `bytes` of a row.
 */
export function weightedColumns(
  from: usize,
  fromStride: i32,
  to: usize,
  toStride: i32,
  bytes: i32,
  height: i32,
  starts: usize,
  weights: usize,
  pairs: i32,
): void {
  for (let y = 0; y < height; y++) {
    const top = from + <usize>load<i32>(starts + ((<usize>y) << 2));
    for (let x = 0; x < bytes; x += 16) {
      let source = top + <usize>x;
      let weight = weights;
      let high0 = i32x4.splat(0);
      let high1 = high0;
      let high2 = high0;
      let high3 = high0;
      let low0 = i32x4.splat(half);
      let low1 = low0;
      let low2 = low0;
      let low3 = low0;
      for (let pair = 0; pair < pairs; pair++) {
        const one = v128.load(source);
        const other = v128.load(source + fromStride);
        const left = v128.shuffle<i8>(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const right = v128.shuffle<i8>(one, other, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const high = v128.load32_splat(weight);
        const low = v128.load32_splat(weight, 4);
        const bytes0 = i16x8.extend_low_i8x16_u(left);
        const bytes1 = i16x8.extend_high_i8x16_u(left);
        const bytes2 = i16x8.extend_low_i8x16_u(right);
        const bytes3 = i16x8.extend_high_i8x16_u(right);
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(bytes0, high));
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(bytes0, low));
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(bytes1, high));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(bytes1, low));
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(bytes2, high));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(bytes2, low));
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(bytes3, high));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(bytes3, low));
        source += (<usize>fromStride) << 1;
        weight += 8;
      }
      const words0 = i16x8.narrow_i32x4_s(rounded(high0, low0), rounded(high1, low1));
      const words1 = i16x8.narrow_i32x4_s(rounded(high2, low2), rounded(high3, low3));
      v128.store(to + <usize>x, i8x16.narrow_i16x8_u(words0, words1));
    }
    weights += (<usize>pairs) << 3;
    to += toStride;
  }
}

function rounded(high: v128, low: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, halfBits), low), fractionBits);
}
