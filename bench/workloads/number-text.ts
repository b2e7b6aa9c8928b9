/** The shortest text that reads back as the same 32-bit float: what clients in Python, Java or Rust print. */
export function shortestText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
