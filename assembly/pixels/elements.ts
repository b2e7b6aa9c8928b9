/*
 * Bytes → elements of a tensor, by a table of 256 elements a colour. A plane is what lies between the same element of two
 * colours, in elements: the size of a picture in NCHW, 1 in NHWC; a step is what lies between two pixels.
 */

export function elements32(
  from: usize,
  fromStride: i32,
  to: usize,
  toStride: i32,
  width: i32,
  height: i32,
  tables: usize,
  plane: i32,
  step: i32,
): void {
  for (let y = 0; y < height; y++) {
    let target = to;
    let source = from;
    for (let x = 0; x < width; x++) {
      store<u32>(target, load<u32>(tables + ((<usize>load<u8>(source)) << 2)));
      store<u32>(target + ((<usize>plane) << 2), load<u32>(tables + ((<usize>load<u8>(source, 1)) << 2), 1024));
      store<u32>(target + ((<usize>plane) << 3), load<u32>(tables + ((<usize>load<u8>(source, 2)) << 2), 2048));
      source += 3;
      target += (<usize>step) << 2;
    }
    from += fromStride;
    to += (<usize>toStride) << 2;
  }
}
