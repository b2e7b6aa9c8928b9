/*
 * Bilinear resizing with the arithmetic of OpenCV's INTER_LINEAR for bytes: weights of 11 bits, sums along a row kept to
 * 16 bits, and each of the two rows cut off by itself before they are added.
 */

/** A row of the source, resized along it: for each pixel its three sums, shifted to 16 bits. Writes 2 bytes beyond. */
function linearRow(from: usize, to: usize, width: i32, starts: usize, weights: usize): void {
  const twoPixels = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  for (let x = 0; x < width; x++) {
    const pixels = v128.load64_zero(from + <usize>load<i32>(starts + ((<usize>x) << 2)));
    const weight = v128.load32_splat(weights + ((<usize>x) << 2));
    const sums = i32x4.shr_s(i32x4.dot_i16x8_s(i8x16.swizzle(pixels, twoPixels), weight), 4);
    v128.store64_lane(to + <usize>(6 * x), i16x8.narrow_i32x4_s(sums, sums), 0);
  }
}

/** `count` bytes out of two rows of sums. Reads and writes up to 7 elements beyond. */
function blendRows(one: usize, other: usize, weight0: i32, weight1: i32, to: usize, count: i32): void {
  const first = i16x8.splat(<i16>weight0);
  const second = i16x8.splat(<i16>weight1);
  const two = i32x4.splat(2);
  for (let i = 0; i < count; i += 8) {
    const a = v128.load(one + ((<usize>i) << 1));
    const b = v128.load(other + ((<usize>i) << 1));
    const left = i32x4.add(
      i32x4.shr_s(i32x4.extmul_low_i16x8_s(a, first), 16),
      i32x4.shr_s(i32x4.extmul_low_i16x8_s(b, second), 16),
    );
    const right = i32x4.add(
      i32x4.shr_s(i32x4.extmul_high_i16x8_s(a, first), 16),
      i32x4.shr_s(i32x4.extmul_high_i16x8_s(b, second), 16),
    );
    const words = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(left, two), 2), i32x4.shr_s(i32x4.add(right, two), 2));
    v128.store64_lane(to + <usize>i, i8x16.narrow_i16x8_u(words, words), 0);
  }
}

/**
 * `columnStarts` are the bytes from a row's start to the left one of two pixels, `columnWeights` two of 16 bits. Each of
 * `height` rows is [upper row, lower row, weight, weight] in `rows`, where the lower row is the upper or the one after it.
 * `sums` takes two rows of `width` pixels, 6 bytes each, and 16 bytes behind each. Writes up to 7 bytes beyond each row.
 */
export function linear(
  from: usize,
  fromStride: i32,
  to: usize,
  toStride: i32,
  width: i32,
  height: i32,
  columnStarts: usize,
  columnWeights: usize,
  rows: usize,
  sums: usize,
): void {
  const slotBytes = <usize>(6 * width + 16);
  // Which row of the source each of the two slots holds: neighbours lie in different ones.
  let even = -1;
  let odd = -1;
  for (let y = 0; y < height; y++) {
    const upper = load<i32>(rows);
    const lower = load<i32>(rows, 4);
    for (let row = upper; row <= lower; row++) {
      if ((row & 1 ? odd : even) === row) continue;
      const slot = sums + (row & 1 ? slotBytes : 0);
      linearRow(from + <usize>row * <usize>fromStride, slot, width, columnStarts, columnWeights);
      if (row & 1) odd = row;
      else even = row;
    }
    const one = sums + (upper & 1 ? slotBytes : 0);
    const other = sums + (lower & 1 ? slotBytes : 0);
    blendRows(one, other, load<i32>(rows, 8), load<i32>(rows, 12), to, 3 * width);
    rows += 16;
    to += toStride;
  }
}

/** Half the width and half the height: the mean of each four pixels, which is what OpenCV does with exactly this factor. */
export function halve(from: usize, fromStride: i32, to: usize, toStride: i32, width: i32, height: i32): void {
  for (let y = 0; y < height; y++) {
    let source = from;
    for (let x = 0; x < 3 * width; x += 3) {
      for (let colour: usize = 0; colour < 3; colour++) {
        const upper = <i32>load<u8>(source + colour) + <i32>load<u8>(source + colour, 3);
        const below = source + colour + fromStride;
        store<u8>(to + <usize>x + colour, (upper + <i32>load<u8>(below) + <i32>load<u8>(below, 3) + 2) >> 2);
      }
      source += 6;
    }
    from += fromStride << 1;
    to += toStride;
  }
}
