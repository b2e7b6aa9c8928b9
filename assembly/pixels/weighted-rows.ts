/*
 * One pass of a resampling by weights in 22-bit fixed point, as Pillow's: sums of 32 bits, rounded and clamped to a byte.
 * A weight w comes in two halves of 16 bits, w = high · 2^11 + low, 0 <= low < 2^11, so that one instruction takes eight
 * products; the sum is the same number modulo 2^32.
 */

const halfBits: i32 = 11;
const fractionBits: i32 = 22;
const half: i32 = 1 << (fractionBits - 1);

/**
 * Along rows of pixels of three bytes. Each of `width` pixels of a row is a sum over groups of four pixels, of which the
 * first lies `starts[x]` bytes into the row of the source; a group's weights are [high 0, 1; low 0, 1; high 2, 3; low 2, 3].
 * Reads up to 16 bytes from the start of each group, and writes a byte beyond each row.
 */
export function weightedRows(
  from: usize,
  fromStride: i32,
  to: usize,
  toStride: i32,
  width: i32,
  height: i32,
  starts: usize,
  weights: usize,
  groups: i32,
): void {
  // Two pixels as numbers of 16 bits, colour by colour: red, red, green, green, blue, blue, 0, 0.
  const firstTwo = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const lastTwo = i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  for (let y = 0; y < height; y++) {
    let weight = weights;
    for (let x = 0; x < width; x++) {
      let source = from + <usize>load<i32>(starts + ((<usize>x) << 2));
      let high = i32x4.splat(0);
      let low = i32x4.splat(half);
      for (let group = 0; group < groups; group++) {
        const pixels = v128.load(source);
        const first = i8x16.swizzle(pixels, firstTwo);
        const last = i8x16.swizzle(pixels, lastTwo);
        high = i32x4.add(high, i32x4.dot_i16x8_s(first, v128.load32_splat(weight)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(first, v128.load32_splat(weight, 4)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(last, v128.load32_splat(weight, 8)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(last, v128.load32_splat(weight, 12)));
        source += 12;
        weight += 16;
      }
      const sum = i32x4.shr_s(i32x4.add(i32x4.shl(high, halfBits), low), fractionBits);
      const words = i16x8.narrow_i32x4_s(sum, sum);
      v128.store32_lane(to + <usize>(3 * x), i8x16.narrow_i16x8_u(words, words), 0);
    }
    from += fromStride;
    to += toStride;
  }
}
