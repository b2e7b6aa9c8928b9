/** The nearest pixel: the one `starts[x]` bytes into the row that begins `rowStarts[y]` bytes into the source. */
export function picked(
  from: usize,
  to: usize,
  toStride: i32,
  width: i32,
  height: i32,
  starts: usize,
  rowStarts: usize,
): void {
  for (let y = 0; y < height; y++) {
    const row = from + <usize>load<i32>(rowStarts + ((<usize>y) << 2));
    for (let x = 0; x < width; x++) {
      const source = row + <usize>load<i32>(starts + ((<usize>x) << 2));
      const target = to + <usize>(3 * x);
      store<u8>(target, load<u8>(source));
      store<u8>(target, load<u8>(source, 1), 1);
      store<u8>(target, load<u8>(source, 2), 2);
    }
    to += toStride;
  }
}
